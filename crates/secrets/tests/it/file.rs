//! The file that is sealed with a passphrase.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use runtime::clock::SystemClock;
use runtime::config::{SecretsSource, Settings, SourceKind};
use runtime::secrets::Secret;
use secrets::{Contents, Error, SealedFile, Secrets};

fn passphrase(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn sealed(folder: &Path) -> SealedFile {
    let file = SealedFile::at(&folder.join("secrets.age"));
    let contents =
        Contents::from_toml("smtp-password = \"grün \\\"hunter2\\\"\"\ndatabase = \"sqlite://x\"\n").unwrap();
    file.seal(&contents, &passphrase("correct horse battery")).unwrap();
    file
}

fn settings(folder: &Path, mode: u32) -> SecretsSource {
    let path = folder.join("passphrase");
    fs::write(&path, "correct horse battery\n").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    SecretsSource { source: SourceKind::File, passphrase_file: Some(path), ..Settings::defaults().secrets }
}

#[tokio::test]
async fn what_was_sealed_is_read_with_the_passphrase_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = sealed(folder.path());
    assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read(file.path()).unwrap().windows(7).any(|bytes| bytes == b"hunter2"));
    let secrets =
        Secrets::open(&settings(folder.path(), 0o600), folder.path(), Arc::new(SystemClock::new())).await.unwrap();
    assert_eq!(secrets.text("smtp-password").await.unwrap().unwrap().expose(), "grün \"hunter2\"");
    assert!(secrets.text("other").await.unwrap().is_none());

    let mut all = Settings::defaults();
    all.store.database_url = Some(Secret::new("secret:database".to_owned()));
    all.mail.password = Some(Secret::new("secret:other".to_owned()));
    let missing = secrets.resolve(&mut all).await.unwrap_err().to_string();
    assert!(missing.contains("mail.password names the secret `other`") && missing.contains("secrets.age"), "{missing}");

    let open_to_all = Secrets::open(&settings(folder.path(), 0o644), folder.path(), Arc::new(SystemClock::new())).await;
    assert!(open_to_all.unwrap_err().to_string().contains("chmod 600"));
}

#[test]
fn another_passphrase_and_a_changed_file_do_not_open_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = sealed(folder.path());
    let wrong = file.open(&passphrase("correct horse batterz")).unwrap_err().to_string();
    assert!(wrong.contains("does not open: the passphrase is another one"), "{wrong}");
    let whole = fs::read(file.path()).unwrap();
    for change in [whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[change] ^= 1;
        fs::write(file.path(), changed).unwrap();
        assert!(matches!(file.open(&passphrase("correct horse battery")), Err(Error::File { .. })));
    }
    fs::write(file.path(), &whole[..whole.len() - 5]).unwrap();
    assert!(file.open(&passphrase("correct horse battery")).is_err(), "a cut file");
    fs::write(file.path(), vec![0; 5 << 20]).unwrap();
    assert!(file.open(&passphrase("correct horse battery")).unwrap_err().to_string().contains("more than"));
}

/// A header of age that asks for 2^30 rounds, which would take hours and 1 TiB.
#[test]
fn a_file_cannot_make_us_work_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = sealed(folder.path());
    let text = fs::read(file.path()).unwrap();
    let at = text.windows(4).position(|bytes| bytes == b" 16\n").unwrap();
    let mut hard = text.clone();
    hard[at + 1..at + 3].copy_from_slice(b"30");
    fs::write(file.path(), hard).unwrap();
    let refused = file.open(&passphrase("correct horse battery")).unwrap_err().to_string();
    assert!(refused.contains("more work"), "{refused}");
}

#[test]
fn contents_are_names_and_values_within_bounds() {
    let mut contents = Contents::from_toml("a = \"1\"\n").unwrap();
    contents.set("a", passphrase("2")).unwrap();
    assert_eq!(contents.get("a").unwrap().expose(), "2");
    assert!(contents.set("A b", passphrase("2")).is_err());
    assert!(contents.set("empty", passphrase("")).is_err());
    assert!(contents.set("large", passphrase(&"x".repeat(70_000))).is_err());
    for number in 1..200 {
        contents.set(&format!("n{number}"), passphrase("x")).unwrap();
    }
    assert!(contents.set("one-more", passphrase("x")).is_err());
    assert!(contents.remove("a") && !contents.remove("a"));
    let wrong = Contents::from_toml("a = \"1\"\nb = hunter2\n").unwrap_err().to_string();
    assert!(wrong.contains("line 2") && !wrong.contains("hunter2"), "{wrong}");
    assert!(!format!("{contents:?}").contains('x'));
    let folder = tempfile::tempdir().unwrap();
    let short = SealedFile::at(&folder.path().join("f")).seal(&contents, &passphrase("short")).unwrap_err().to_string();
    assert!(short.contains("12 characters"), "{short}");
}
