//! All parts of people, wired.

use std::sync::Arc;

use db::Db;
use runtime::config;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;

use crate::Error;
use crate::access::{Labels, Roles};
use crate::access_tokens::AccessTokens;
use crate::activity::Activity;
use crate::base::Base;
use crate::deletions::Deletions;
use crate::freezes::Freezes;
use crate::lockouts::Lockouts;
use crate::passwords::Passwords;
use crate::phones::Phones;
use crate::ports::{AccountBlocks, Accounts, Notices, Texts};
use crate::profiles::Profiles;
use crate::resets::Resets;
use crate::services::ServiceKeys;
use crate::sessions::Sessions;
use crate::sign_in::SignIn;
use crate::sign_up::SignUp;
use crate::signing_keys::SigningKeys;
use crate::sub_accounts::SubAccounts;
use crate::totp::Totp;
use crate::users::Users;

/// What people need from the program.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Letters.
    pub notices: Arc<dyn Notices>,
    /// The engine's accounts.
    pub accounts: Arc<dyn Accounts>,
    /// API keys, when somebody is frozen.
    pub blocks: Arc<dyn AccountBlocks>,
    /// Text messages.
    pub texts: Arc<dyn Texts>,
}

/// Everything about people, one per process: what one part changes, the others see at once.
#[derive(Debug)]
pub struct People {
    pub(crate) base: Base,
    /// Users.
    pub users: Users,
    /// Hashes and judges passwords.
    pub passwords: Arc<Passwords>,
    /// Signing up and verifying addresses.
    pub sign_up: SignUp,
    /// Signing in, refreshing, and who makes a request.
    pub sign_in: SignIn,
    /// Changing passwords.
    pub resets: Resets,
    /// Sessions and devices.
    pub sessions: Arc<Sessions>,
    /// Access tokens.
    pub tokens: Arc<AccessTokens>,
    /// The keys that sign them.
    pub signing_keys: Arc<SigningKeys>,
    /// Authenticators.
    pub totp: Arc<Totp>,
    /// Roles and permissions.
    pub roles: Roles,
    /// Labels and levels.
    pub labels: Labels,
    /// The log.
    pub activity: Activity,
    /// Freezing.
    pub freezes: Freezes,
    /// Closing users.
    pub deletions: Deletions,
    /// Profiles.
    pub profiles: Profiles,
    /// Phones.
    pub phones: Phones,
    /// Keys of services.
    pub services: ServiceKeys,
    /// Parts of users.
    pub sub_accounts: SubAccounts,
    /// Counts of failures.
    pub lockouts: Lockouts,
}

impl People {
    /// Reads the keys and permissions, makes the first keys if there are none, and wires the parts. `site_name` is the name of the
    /// exchange in authenticator apps.
    ///
    /// # Errors
    /// [`Error::Settings`] for settings that cannot be followed, or the database's.
    pub async fn start(
        db: Db,
        sealing: SealingKey,
        random: Arc<dyn Random>,
        settings: &config::Identity,
        site_name: &str,
        ports: Ports,
        now_us: u64,
    ) -> Result<Self, Error> {
        let passwords = Arc::new(Passwords::new(&settings.passwords, random.clone())?);
        let lockouts = Lockouts::new(db.clone(), &settings.lockout);
        let users = Users::new(db.clone(), random.clone(), ports.accounts);
        let base = Base { db, random, sealing, settings: Arc::new(settings.clone()), notices: ports.notices };
        let signing_keys = Arc::new(SigningKeys::load(base.clone(), now_us).await?);
        let tokens = Arc::new(AccessTokens::new(base.clone(), signing_keys.clone()));
        let sessions = Arc::new(Sessions::new(base.clone()));
        let activity = Activity::new(base.clone());
        let labels = Labels::new(base.clone(), users.clone());
        let totp = Arc::new(Totp::new(base.clone(), lockouts.clone(), labels.clone(), site_name));
        Ok(Self {
            sign_up: SignUp::new(
                base.clone(),
                users.clone(),
                passwords.clone(),
                lockouts.clone(),
                labels.clone(),
                activity.clone(),
                site_name,
            ),
            sign_in: SignIn::new(
                base.clone(),
                users.clone(),
                passwords.clone(),
                lockouts.clone(),
                sessions.clone(),
                tokens.clone(),
                totp.clone(),
                activity.clone(),
            ),
            resets: Resets::new(base.clone(), passwords.clone(), lockouts.clone(), sessions.clone(), activity.clone()),
            freezes: Freezes::new(
                base.clone(),
                users.clone(),
                sessions.clone(),
                activity.clone(),
                ports.blocks.clone(),
            ),
            deletions: Deletions::new(base.clone(), users.clone(), sessions.clone(), activity.clone(), ports.blocks),
            profiles: Profiles::new(base.clone()),
            phones: Phones::new(base.clone(), lockouts.clone(), labels.clone(), activity.clone(), ports.texts),
            services: ServiceKeys::new(base.clone()),
            sub_accounts: SubAccounts::new(base.clone(), users.clone(), activity.clone()),
            roles: Roles::load(base.clone(), users.clone()).await?,
            base,
            users,
            passwords,
            sessions,
            tokens,
            signing_keys,
            totp,
            labels,
            activity,
            lockouts,
        })
    }

    /// Deletes what is over: tokens, lock-outs, sessions, activity. Call it about every hour; it does a bounded part of each.
    ///
    /// # Errors
    /// The database's; the next call goes on.
    pub async fn purge(&self, now_us: u64) -> Result<(), Error> {
        self.sign_up.purge(now_us).await?;
        self.lockouts.purge(now_us).await?;
        self.sessions.purge(now_us).await?;
        self.activity.purge(now_us).await.map(drop)
    }
}
