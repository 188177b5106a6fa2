//! Every operation of the native API, with the access level of each.

use super::auth::{keys, oidc, passkey, password, session, sign_in, sign_up, wallet};
use super::forward::{self, Forward};
use super::level::{Admin, Otp, Public, Secret, Session, User};
use super::{Operation, admin, internal, links, mailbox, me};
use crate::Permission::Read;

/// What an attempt to guess weighs for its address: some hundreds a minute, beside the lock-outs of the domain.
const GUESS: u32 = 10;
/// The longest file of a document, and a little.
const DOCUMENT: usize = identity::MAX_DOCUMENT_BYTES + 1_024;

/// The operations.
pub fn operations() -> Vec<Operation> {
    let auth = [passwords(), wallets(), other_sites(), proxies()]
        .into_iter()
        .flatten()
        .map(|operation| operation.tagged("auth"));
    let me = [me(), my_proofs(), my_things()].into_iter().flatten().map(|operation| operation.tagged("me"));
    let admin = [users(), roles(), queues()].into_iter().flatten().map(|operation| operation.tagged("admin"));
    let internal = internal().into_iter().map(|operation| operation.tagged("internal"));
    auth.chain(me).chain(admin).chain(internal).collect()
}

/// Ways in by a password or a passkey.
fn passwords() -> Vec<Operation> {
    let all = vec![
        Operation::new("POST /api/v2/auth/sign-up", Public, "Asks for a user of an address", sign_up::request)
            .creating(),
        Operation::new("POST /api/v2/auth/sign-up/resend", Public, "Asks for another letter", sign_up::resend),
        Operation::new(
            "POST /api/v2/auth/sign-up/verify",
            Public,
            "Verifies an address by its letter",
            sign_up::verify,
        ),
        Operation::new("POST /api/v2/auth/sign-in", Public, "Begins a session with a password", sign_in::with_password),
        Operation::new("POST /api/v2/auth/refresh", Public, "Goes on with a session", session::refresh),
        Operation::new("POST /api/v2/auth/sign-out", Session, "Ends the session", session::sign_out),
        Operation::new(
            "POST /api/v2/auth/password/forgot",
            Public,
            "Asks for a letter to set a new password",
            password::forgot,
        ),
        Operation::new(
            "POST /api/v2/auth/password/reset",
            Public,
            "Sets a new password by its letter",
            password::reset,
        ),
        Operation::new("POST /api/v2/auth/passkey/start", Public, "Begins to sign in with a passkey", passkey::start),
        Operation::new("POST /api/v2/auth/passkey/finish", Public, "Begins a session with a passkey", passkey::finish),
    ];
    all.into_iter().map(|operation| operation.weighing(GUESS)).collect()
}

/// Ways in by a wallet; the paths are those that wallet front ends know.
fn wallets() -> Vec<Operation> {
    let all = vec![
        Operation::new(
            "POST /auth/signing-msg",
            Public,
            "Makes a message for a wallet to sign",
            wallet::signing_message,
        ),
        Operation::new("POST /auth/sign-in-evm", Public, "Begins a session with an EVM wallet", wallet::sign_in_evm),
        Operation::new("POST /auth/sign-in-sol", Public, "Begins a session with a Solana wallet", wallet::sign_in_sol),
    ];
    all.into_iter().map(|operation| operation.weighing(GUESS)).collect()
}

/// Ways in by the word of another site.
fn other_sites() -> Vec<Operation> {
    let guarded = vec![
        Operation::new(
            "POST /api/v2/auth/oidc/{provider}/start",
            Public,
            "Begins to sign in by another site",
            oidc::start,
        ),
        Operation::new(
            "GET /api/v2/auth/oidc/callback",
            Public,
            "Takes a browser back from another site",
            oidc::callback,
        ),
        Operation::new("POST /api/v2/auth/oidc/code", Public, "Ends a sign-in by another site with a code", oidc::code),
    ];
    let listed = Operation::new("GET /api/v2/auth/oidc", Public, "The sites by which one can sign in", oidc::providers);
    guarded.into_iter().map(|operation| operation.weighing(GUESS)).chain([listed]).collect()
}

/// What others ask to know who somebody is, the pages of letters' links, and the mailbox of a development server.
fn proxies() -> Vec<Operation> {
    vec![
        Operation::new(
            "GET /auth/forward",
            Forward,
            "Says to a reverse proxy who makes a request",
            forward::authenticate,
        ),
        Operation::new("GET /.well-known/jwks.json", Public, "The public keys of access tokens", keys::jwks),
        Operation::new("GET /verify-email", Public, "The page that confirms an address", links::verify_email),
        Operation::new("GET /reset-password", Public, "The page that sets a new password", links::reset_password),
        Operation::new("GET /forgot-password", Public, "The page that asks for such a letter", links::forgot_password),
        Operation::new("GET /links.js", Public, "The script of these pages", links::script),
        Operation::new("GET /dev/mail", Public, "The mailbox of a development server", mailbox::list),
        Operation::new("GET /dev/mail/{id}", Public, "A letter in that mailbox", mailbox::get),
    ]
}

/// The user himself.
fn me() -> Vec<Operation> {
    vec![
        Operation::new("GET /users/me", User(Read), "The user who asks", me::user::get),
        Operation::new("GET /api/v2/me", User(Read), "The user who asks", me::user::get),
        Operation::new("DELETE /api/v2/me", Session, "Closes the user for ever", me::deletion::delete).weighing(GUESS),
        Operation::new("GET /api/v2/me/labels", Session, "What the user's level comes from", me::user::labels),
        Operation::new("GET /api/v2/me/profile", Session, "Who the user says he is", me::profile::get),
        Operation::new("PUT /api/v2/me/profile", Session, "Writes the profile", me::profile::put),
        Operation::new("PUT /api/v2/me/password", Session, "Changes the password", me::password::change)
            .weighing(GUESS),
        Operation::new("GET /api/v2/me/sessions", Session, "On which devices the user is signed in", me::session::list),
        Operation::new(
            "DELETE /api/v2/me/sessions",
            Session,
            "Ends all sessions but this one",
            me::session::end_others,
        ),
        Operation::new("DELETE /api/v2/me/sessions/{sid}", Session, "Ends a session", me::session::end),
        Operation::new(
            "GET /api/v2/me/activity",
            Session,
            "What the user did and what was done to it",
            me::activity::list,
        ),
    ]
}

/// What the user proves himself with.
fn my_proofs() -> Vec<Operation> {
    vec![
        Operation::new("POST /api/v2/me/totp", Session, "Begins to use an authenticator", me::totp::enrol).creating(),
        Operation::new("POST /api/v2/me/totp/confirm", Session, "Turns the authenticator on", me::totp::confirm)
            .weighing(GUESS),
        Operation::new("DELETE /api/v2/me/totp", Otp, "Turns the authenticator off", me::totp::disable).weighing(GUESS),
        Operation::new("POST /api/v2/me/totp/recovery-codes", Session, "Makes new recovery codes", me::totp::renew)
            .weighing(GUESS),
        Operation::new("GET /api/v2/me/passkeys", Session, "The passkeys", me::passkey::list),
        Operation::new("POST /api/v2/me/passkeys/start", Session, "Begins to make a passkey", me::passkey::start),
        Operation::new("POST /api/v2/me/passkeys", Session, "Keeps a passkey that was made", me::passkey::finish)
            .creating(),
        Operation::new("DELETE /api/v2/me/passkeys/{id}", Session, "Deletes a passkey", me::passkey::delete),
        Operation::new("GET /api/v2/me/wallets", Session, "The linked wallets", me::wallet::list),
        Operation::new(
            "POST /api/v2/me/wallets/message",
            Session,
            "Makes a message that links a wallet",
            me::wallet::message,
        ),
        Operation::new("POST /api/v2/me/wallets", Session, "Links a wallet", me::wallet::link).creating(),
        Operation::new("DELETE /api/v2/me/wallets/{id}", Session, "Takes a wallet away", me::wallet::unlink),
        Operation::new("GET /api/v2/me/identities", Session, "The linked users of other sites", me::identity::list),
        Operation::new(
            "POST /api/v2/me/identities/{provider}/start",
            Session,
            "Begins to link a user of another site",
            oidc::start_link,
        )
        .weighing(GUESS),
        Operation::new(
            "DELETE /api/v2/me/identities/{id}",
            Session,
            "Takes a user of another site away",
            me::identity::unlink,
        ),
        Operation::new("GET /api/v2/me/phones", Session, "The phones", me::phone::list),
        Operation::new("POST /api/v2/me/phones", Session, "Names a phone and sends a code to it", me::phone::add)
            .creating(),
        Operation::new(
            "POST /api/v2/me/phones/{id}/verify",
            Session,
            "Verifies a phone by its code",
            me::phone::verify,
        )
        .weighing(GUESS),
        Operation::new("DELETE /api/v2/me/phones/{id}", Session, "Removes a phone", me::phone::remove),
    ]
}

/// What the user has.
fn my_things() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v2/me/documents", Session, "The KYC documents", me::document::list),
        Operation::new("POST /api/v2/me/documents", Session, "Hands in a KYC document", me::document::upload)
            .creating()
            .up_to(DOCUMENT)
            .weighing(GUESS),
        Operation::new("DELETE /api/v2/me/documents/{id}", Session, "Deletes a KYC document", me::document::delete),
        Operation::new("GET /api/v2/me/api-keys", Session, "The API keys", me::api_key::list),
        Operation::new("POST /api/v2/me/api-keys", Otp, "Makes an API key", me::api_key::create)
            .creating()
            .weighing(GUESS),
        Operation::new("PATCH /api/v2/me/api-keys/{key}", Otp, "Changes an API key", me::api_key::change)
            .weighing(GUESS),
        Operation::new("DELETE /api/v2/me/api-keys/{key}", Session, "Revokes an API key", me::api_key::revoke),
        Operation::new("GET /api/v2/me/sub-accounts", Session, "The sub-accounts", me::sub_account::list),
        Operation::new("POST /api/v2/me/sub-accounts", Session, "Makes a sub-account", me::sub_account::create)
            .creating(),
    ]
}

/// Users, and the documents they handed in.
fn users() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v2/admin/users", Admin, "All users", admin::user::list),
        Operation::new("GET /api/v2/admin/users/{uid}", Admin, "One user", admin::user::get),
        Operation::new("GET /api/v2/admin/users/{uid}/activity", Admin, "What a user did", admin::user::activity),
        Operation::new("POST /api/v2/admin/users/{uid}/freeze", Admin, "Freezes a user", admin::user::freeze),
        Operation::new("POST /api/v2/admin/users/{uid}/unfreeze", Admin, "Lets a user go on", admin::user::unfreeze),
        Operation::new("PUT /api/v2/admin/users/{uid}/role", Admin, "Gives a user a role", admin::user::set_role),
        Operation::new("PUT /api/v2/admin/users/{uid}/labels/{key}", Admin, "Sets a label", admin::user::set_label),
        Operation::new(
            "DELETE /api/v2/admin/users/{uid}/labels/{key}",
            Admin,
            "Removes a label",
            admin::user::remove_label,
        ),
        Operation::new(
            "DELETE /api/v2/admin/users/{uid}/totp",
            Admin,
            "Turns an authenticator off",
            admin::user::remove_totp,
        ),
        Operation::new("GET /api/v2/admin/documents", Admin, "KYC documents", admin::document::list),
        Operation::new(
            "GET /api/v2/admin/documents/{id}/content",
            Admin,
            "The file of a document",
            admin::document::content,
        ),
        Operation::new("POST /api/v2/admin/documents/{id}/review", Admin, "Judges a document", admin::document::review),
    ]
}

/// Who may do what.
fn roles() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v2/admin/roles", Admin, "Roles and their permissions", admin::role::list),
        Operation::new(
            "POST /api/v2/admin/roles/{role}/permissions",
            Admin,
            "Gives a role a permission",
            admin::role::grant,
        ),
        Operation::new(
            "DELETE /api/v2/admin/roles/{role}/permissions",
            Admin,
            "Takes a permission away",
            admin::role::withdraw,
        ),
        Operation::new("GET /api/v2/admin/service-keys", Admin, "Keys of services", admin::service_key::list),
        Operation::new("POST /api/v2/admin/service-keys", Admin, "Makes a service key", admin::service_key::create)
            .creating(),
        Operation::new(
            "DELETE /api/v2/admin/service-keys/{key}",
            Admin,
            "Revokes a service key",
            admin::service_key::revoke,
        ),
    ]
}

/// The queues of jobs.
fn queues() -> Vec<Operation> {
    vec![
        Operation::new("GET /api/v2/admin/jobs", Admin, "The jobs of all queues", admin::job::list),
        Operation::new("GET /api/v2/admin/jobs/queues", Admin, "The queues", admin::job::queues),
        Operation::new("POST /api/v2/admin/jobs/queues/{queue}/pause", Admin, "Pauses a queue", admin::job::pause),
        Operation::new(
            "POST /api/v2/admin/jobs/queues/{queue}/resume",
            Admin,
            "Lets a queue go on",
            admin::job::resume,
        ),
        Operation::new(
            "POST /api/v2/admin/jobs/queues/{queue}/clean",
            Admin,
            "Deletes finished jobs",
            admin::job::clean,
        ),
        Operation::new("GET /api/v2/admin/jobs/schedules", Admin, "The schedules", admin::job::schedules),
        Operation::new(
            "POST /api/v2/admin/jobs/schedules/{name}/run",
            Admin,
            "Runs a schedule now",
            admin::job::run_schedule,
        )
        .creating(),
        Operation::new("GET /api/v2/admin/jobs/{id}", Admin, "One job", admin::job::get),
        Operation::new("POST /api/v2/admin/jobs/{id}/retry", Admin, "Tries a job again", admin::job::retry),
        Operation::new("POST /api/v2/admin/jobs/{id}/promote", Admin, "Makes a job due", admin::job::promote),
        Operation::new("POST /api/v2/admin/jobs/{id}/cancel", Admin, "Gives a job up", admin::job::cancel),
        Operation::new("GET /admin/jobs", Admin, "A page of the queues", admin::job_page::show),
    ]
}

/// What other services ask.
fn internal() -> Vec<Operation> {
    vec![
        Operation::new(
            "POST /api/v2/internal/introspect",
            Secret("tokens:introspect"),
            "What an access token is worth",
            internal::introspect,
        ),
        Operation::new(
            "GET /api/v2/internal/users/{uid}",
            Secret("users:read"),
            "One user, by its uid",
            internal::user,
        ),
    ]
}
