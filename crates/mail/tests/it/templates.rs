//! Every template in every language: its text, its variables, and that nothing gets out of its place.

use expect_test::expect_file;
use mail::{Data, Kind, Letter, Locale, Part, Rendered, Template, Templates, sample};
use runtime::entropy::SeededRandom;

fn render(template: Template, locale: Locale, data: Data) -> Rendered {
    let letter = Letter::new(&SeededRandom::new(1), 1, "a@b.example", template, locale, data).unwrap();
    Templates::embedded("Börse & Söhne").render(&letter).unwrap()
}

fn every() -> impl Iterator<Item = (Template, Locale)> {
    Template::ALL.iter().flat_map(|template| Locale::ALL.map(|locale| (*template, locale)))
}

#[test]
fn every_letter_reads_as_it_is_recorded() {
    for (template, locale) in every() {
        let Rendered { subject, text, html } = render(template, locale, sample(template));
        let all = format!("Subject: {subject}\n\n{text}\n\n{html}\n");
        let file = format!("letters/{}.{}.txt", template.name(), locale.code());
        expect_file![file].assert_eq(&all);
    }
}

#[test]
fn every_file_uses_the_declared_variables_and_no_others() {
    let templates = Templates::embedded("Rialto");
    for (template, locale) in every() {
        let declared: Vec<&str> = template.fields().iter().map(|field| field.name).collect();
        for part in Part::ALL {
            let used = templates.variables_of(template, locale, part);
            for name in &used {
                let known = declared.contains(&name.as_str()) || name == "site_name";
                assert!(known, "{} {locale:?} {part:?} uses `{name}`", template.name());
            }
            for name in declared.iter().filter(|_| part != Part::Subject) {
                let told = used.iter().any(|used| used == name);
                assert!(told, "{} {locale:?} {part:?} does not tell `{name}`", template.name());
            }
        }
    }
}

#[test]
fn no_file_of_the_folder_belongs_to_no_template() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut files = 0;
    for inner in std::fs::read_dir(&folder).unwrap() {
        let inner = inner.unwrap();
        let name = inner.file_name().into_string().unwrap();
        assert!(name == "layout" || Template::from_name(&name).is_some(), "{name} is no template");
        files += std::fs::read_dir(inner.path()).unwrap().count();
    }
    assert_eq!(files, Template::ALL.len() * Locale::ALL.len() * 3 + Locale::ALL.len() * 2);
    // What is in the program can be loaded as an operator's own, too.
    Templates::with_folder("Rialto", &folder).unwrap();
}

/// The tags of a page, without the values of attributes.
fn tags(html: &str) -> Vec<String> {
    let tag = |part: &str| part.split('>').next().unwrap().split_whitespace().next().unwrap().to_owned();
    html.split('<').skip(1).map(tag).collect()
}

#[test]
fn nothing_in_a_value_becomes_html() {
    let hostile = "</td><script src=//x>\"'&<img onerror=alert(1)>";
    for (template, locale) in every() {
        let plain = render(template, locale, sample(template));
        let data = template.fields().iter().fold(sample(template), |data, field| match field.kind {
            Kind::Text | Kind::Optional => data.text(field.name, hostile),
            Kind::Link => data.text(field.name, "https://x/\"><script>alert('1')</script>&a=b"),
            Kind::Number | Kind::Time => data,
        });
        let attacked = render(template, locale, data);
        assert_eq!(tags(&plain.html), tags(&attacked.html), "{} {locale:?}", template.name());
        assert!(!attacked.html.contains("<script"), "{}", attacked.html);
        for field in template.fields().iter().filter(|field| matches!(field.kind, Kind::Text | Kind::Optional)) {
            let escaped =
                "&lt;&#x2f;td&gt;&lt;script src=&#x2f;&#x2f;x&gt;&quot;&#x27;&amp;&lt;img onerror=alert(1)&gt;";
            assert!(attacked.html.contains(escaped), "{} {}: {}", template.name(), field.name, attacked.html);
            assert!(attacked.text.contains(hostile), "plain text shows it as it is: {}", attacked.text);
        }
        assert!(plain.html.contains("Börse &amp; Söhne"), "the name of the exchange is escaped as well");
    }
}

#[test]
fn names_are_unique_and_subjects_short() {
    for (template, locale) in every() {
        assert_eq!(Template::from_name(template.name()), Some(template));
        let subject = render(template, locale, sample(template)).subject;
        assert!((5..=78).contains(&subject.chars().count()), "{subject}");
        assert!(!subject.contains('\n'));
    }
}

#[test]
fn what_is_not_known_has_no_row() {
    for locale in Locale::ALL {
        let nothing =
            Data::new().number("when_us", 1_700_000_000_000_000).text("ip", "203.0.113.7").text("country", "");
        let known = render(Template::NewDevice, locale, sample(Template::NewDevice));
        let unknown = render(Template::NewDevice, locale, nothing);
        let rows = |letter: &Rendered| (letter.text.matches("\n  ").count(), letter.html.matches("<tr>").count());
        assert_eq!((rows(&known), rows(&unknown)), ((4, 4), (2, 2)));
        assert!(!unknown.text.contains("\n\n\n"), "{}", unknown.text);
    }
}

#[test]
fn one_code_is_not_codes() {
    let left = |left| sample(Template::RecoveryCodeUsed).number("left", left);
    let text = |count, locale| render(Template::RecoveryCodeUsed, locale, left(count)).text;
    assert!(text(0, Locale::En).contains("No code is left"));
    assert!(text(1, Locale::De).contains("Ein Code ist übrig"));
    assert!(text(2, Locale::De).contains("2 Codes sind übrig"));
}
