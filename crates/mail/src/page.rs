//! The page of the development mailbox, whole in itself: no script, and nothing is loaded.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::{Entry, Locale, Stored};

/// The list of letters, each a link to `<base>/<id>`; `base` is the address that the list is served at, without a slash at its end.
pub fn list_page(base: &str, entries: &[Entry]) -> String {
    let rows = entries.iter().map(|entry| {
        let Entry { id, to, subject, .. } = entry;
        context! { id, to, subject, time => time(entry) }
    });
    render("list.html", context! { base, rows => rows.collect::<Vec<_>>() })
}

/// One letter: its plain text, its links, and its HTML in a frame that may run nothing, submit nothing and lead nowhere.
pub fn letter_page(base: &str, letter: &Stored) -> String {
    let Stored { entry, template, locale, text, html } = letter;
    let links: Vec<Value> = text.split_whitespace().filter(|word| word.starts_with("http")).map(Value::from).collect();
    let Entry { to, subject, .. } = entry;
    render("letter.html", context! { base, to, subject, template, locale, text, html, links, time => time(entry) })
}

fn time(entry: &Entry) -> String {
    Locale::En.time(entry.written_at_us.cast_signed()).unwrap_or_default()
}

fn render(name: &str, values: Value) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, source) in [
        ("frame.html", include_str!("page/frame.html")),
        ("list.html", include_str!("page/list.html")),
        ("letter.html", include_str!("page/letter.html")),
    ] {
        environment.add_template(name, source).expect("a test compiles both pages");
    }
    let page = environment.get_template(name).and_then(|template| template.render(values));
    page.expect("a test renders both pages, and their variables are always given")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Stored {
        let subject = "<script>alert(1)</script>".to_owned();
        let entry = Entry { id: 7, to: "a@b.example".to_owned(), subject, written_at_us: 1_700_000_000_000_000 };
        let html = r#"<p title="x">"Hi" & <script>alert(2)</script></p>"#.to_owned();
        let text = "Go to\n\nhttps://x.example/a?b=1&c=\"2\n".to_owned();
        Stored { entry, template: "totp-on".to_owned(), locale: "en".to_owned(), text, html }
    }

    #[test]
    fn a_letter_lies_in_a_sandbox_and_cannot_leave_it() {
        let page = letter_page("/dev/mail", &letter());
        assert!(
            page.contains("<iframe sandbox srcdoc=\"&lt;p title=&quot;x&quot;&gt;&quot;Hi&quot; &amp; &lt;script"),
            "{page}"
        );
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("<a href=\"https:&#x2f;&#x2f;x.example&#x2f;a?b=1&amp;c=&quot;2\""), "{page}");
    }

    #[test]
    fn the_list_escapes_what_it_shows() {
        let page = list_page("/dev/mail", &[letter().entry]);
        assert!(page.contains("mail/7\">&lt;script&gt;alert(1)"), "{page}");
        assert!(page.contains("2023-11-14 22:13 UTC") && !page.contains("<script"), "{page}");
        assert!(list_page("/dev/mail", &[]).contains("No letter yet"));
    }
}
