//! The pages that links of letters lead to, until there is a web application: they confirm an address and set a new password.
//!
//! The token of a letter is in the fragment of its link, which no browser sends; the script of the page takes it from there. Nothing is
//! sent before somebody presses the button: programs that look at the links of letters confirm nothing.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use serde::Serialize;

use super::input::Nothing;
use super::output::{Content200, Form, Script};
use super::{Call, Problem};

/// Where the script is.
pub(super) const SCRIPT: &str = "/links.js";

/// What a page says and sends.
#[derive(Debug, Serialize)]
struct Page {
    title: &'static str,
    text: &'static str,
    field: Option<Field>,
    button: &'static str,
    /// The operation that takes it.
    post: &'static str,
    /// Whether it takes the token of a link.
    token: bool,
    /// What is said when it was taken.
    done: &'static str,
}

/// What a person writes.
#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    least: u32,
    most: u32,
}

/// Confirms an address.
pub(super) async fn verify_email(call: Call<(), Nothing>) -> Result<Content200<Form>, Problem> {
    show(
        &call,
        &Page {
            title: "Confirm your address",
            text: "Somebody signed up with your address. If it was you, confirm it.",
            field: None,
            button: "Confirm",
            post: "/api/v2/auth/sign-up/verify",
            token: true,
            done: "Your address is confirmed. You can sign in now.",
        },
    )
}

/// Sets a new password.
pub(super) async fn reset_password(call: Call<(), Nothing>) -> Result<Content200<Form>, Problem> {
    let (kind, autocomplete) = ("password", "new-password");
    show(
        &call,
        &Page {
            title: "Set a new password",
            text: "It ends every session that you have.",
            field: Some(Field { name: "password", label: "New password", kind, autocomplete, least: 8, most: 128 }),
            button: "Set it",
            post: "/api/v2/auth/password/reset",
            token: true,
            done: "Your new password is set. Sign in with it.",
        },
    )
}

/// Asks for the letter by which a new password can be set.
pub(super) async fn forgot_password(call: Call<(), Nothing>) -> Result<Content200<Form>, Problem> {
    let (kind, autocomplete) = ("email", "username");
    show(
        &call,
        &Page {
            title: "Forgotten your password?",
            text: "Tell your address, and a letter brings a link.",
            field: Some(Field { name: "email", label: "Address", kind, autocomplete, least: 3, most: 254 }),
            button: "Send the letter",
            post: "/api/v2/auth/password/forgot",
            token: false,
            done: "If this address has an account, a letter is on its way.",
        },
    )
}

/// The script of the pages.
pub(super) async fn script(_: Call<(), Nothing>) -> Result<Content200<Script>, Problem> {
    Ok(Content200::script(include_str!("links/page.js")))
}

fn show(call: &Call<(), Nothing>, page: &Page) -> Result<Content200<Form>, Problem> {
    render(page, &call.app.native.site.name).map(Content200::form).map_err(Problem::internal)
}

fn render(page: &Page, site_name: &str) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let template = environment.template_from_str(include_str!("links/page.html"))?;
    template.render(context! { site_name, script => SCRIPT, ..Value::from(Serde(page)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_site_and_the_field_stand_in_the_page() {
        let field = Field { name: "password", label: "New", kind: "password", autocomplete: "off", least: 8, most: 9 };
        let page = Page {
            title: "Title",
            text: "Text",
            field: Some(field),
            button: "Go",
            post: "/x",
            token: true,
            done: "Done",
        };
        let html = render(&page, "A & <b>").unwrap();
        for part in
            ["<title>Title - A &amp; &lt;b&gt;</title>", "minlength=\"8\"", "src=\"&#x2f;links.js\"", " data-token"]
        {
            assert!(html.contains(part), "{part} in {html}");
        }
        let html = render(&Page { field: None, token: false, ..page }, "A").unwrap();
        assert!(!html.contains("<input") && !html.contains("data-token"), "{html}");
    }
}
