//! An operator's own templates.

use std::fs;

use mail::{Letter, Locale, Template, Templates, sample};
use runtime::entropy::SeededRandom;
use tempfile::TempDir;

fn folder(file: &str, source: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, source).unwrap();
    folder
}

fn refusal(file: &str, source: &str) -> String {
    Templates::with_folder("X", folder(file, source).path()).unwrap_err().to_string()
}

#[test]
fn one_file_stands_in_the_place_of_ours() {
    let folder = folder("password-changed/en.subject", "{{ site_name }} knows you, {{ ip }}\n");
    let templates = Templates::with_folder("X", folder.path()).unwrap();
    let subject = |locale| {
        let (random, data) = (SeededRandom::new(1), sample(Template::PasswordChanged));
        let letter = Letter::new(&random, 1, "a@b.example", Template::PasswordChanged, locale, data).unwrap();
        templates.render(&letter).unwrap().subject
    };
    assert_eq!(subject(Locale::En), "X knows you, 203.0.113.7");
    assert_eq!(subject(Locale::De), "Ihr Passwort wurde geändert");
}

#[test]
fn a_mistake_is_found_at_the_start_with_its_file() {
    let missing = refusal("totp-on/en.html", "\n<p>{{ who }}</p>");
    assert!(
        missing.contains("totp-on/en.html") && missing.contains("undefined") && missing.contains("line 2"),
        "{missing}"
    );
    assert!(refusal("totp-on/de.txt", "{% if %}").contains("totp-on/de.txt"));
    assert!(refusal("totp-on/fr.txt", "x").contains("no template of this name"));
    assert!(refusal("totp-onn/en.txt", "x").contains("totp-onn/en.txt"));
    assert!(refusal("en.txt", "x").contains("folders of their own"));
    assert!(refusal("layout/en.html", "{{ ip }}{{ nobody }}").contains("layout/en.html"));
    assert!(refusal("totp-on/en.subject", "a\nb").contains("control character"));
    assert!(Templates::with_folder("X", std::path::Path::new("/nowhere")).is_err());
}

#[test]
fn a_template_cannot_grow_or_run_for_ever() {
    assert!(refusal("totp-on/en.txt", "{% for a in range(9999) %}{{ a }}{% endfor %}").contains("totp-on/en.txt"));
    let large = "x".repeat(40_000);
    assert!(refusal("totp-on/en.txt", &large).contains("more than 32768 bytes"));
    assert!(refusal("totp-on/en.txt", &"x".repeat(70_000)).contains("more than 65536 bytes"));
}
