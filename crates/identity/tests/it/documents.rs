//! Documents: what is taken, what is kept, and who judges.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::page::{Keyset, Limit, Order};
use db::testing::TestDb;
use identity::{
    Document, DocumentError, DocumentKind, DocumentState, Documents, Error, LOST_AFTER_SECONDS, MAX_DOCUMENT_BYTES,
    MAX_DOCUMENTS, MediaType, NewDocument, Verdict, open_store,
};
use jiff::civil::date;
use runtime::entropy::SystemRandom;
use runtime::secrets::SealingKey;

use super::api_keys::{NOW_US, execute};
use super::files::{jpeg, pdf, png};

const DAY_US: u64 = 86_400_000_000;

fn process(test: &TestDb, folder: &Path) -> Documents {
    let store = open_store(folder, None).unwrap();
    Documents::new(test.db.clone(), store, SealingKey::from_bytes(&[3; 32]), Arc::new(SystemRandom::new()))
}

async fn start(test: &TestDb) -> (Documents, tempfile::TempDir) {
    db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    (process(test, folder.path()), folder)
}

pub(crate) fn passport(file_name: &str) -> NewDocument<'_> {
    NewDocument {
        kind: DocumentKind::Passport,
        number: Some(" C01X00T47 "),
        country: Some("DE"),
        // NOW_US is on 2023-11-14.
        expires_on: Some(date(2023, 11, 20)),
        file_name,
    }
}

async fn upload(documents: &Documents, user_id: i64) -> Document {
    documents.upload(user_id, passport("passport.png"), png(8, 8), NOW_US).await.unwrap()
}

/// Every file in the store.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn why<T: std::fmt::Debug>(result: Result<T, Error>) -> DocumentError {
    let error = result.unwrap_err();
    let Error::Document(error) = error else { unreachable!("{error}") };
    error
}

db::on_each_database! {
    async fn a_document_is_taken_and_opened_as_it_was(test: &TestDb) {
        let (documents, folder) = start(test).await;
        for (bytes, media_type) in [(jpeg(), MediaType::Jpeg), (png(16, 8), MediaType::Png), (pdf(), MediaType::Pdf)] {
            // The name of the file tells nothing.
            let document = documents.upload(7, passport("../../me.exe"), bytes.clone(), NOW_US).await.unwrap();
            assert_eq!((document.media_type, document.bytes), (media_type, bytes.len() as u64));
            assert_eq!((document.file_name.as_str(), document.number.as_deref()), ("me.exe", Some("C01X00T47")));
            assert_eq!((document.state, document.uploaded_at_us), (DocumentState::Pending, NOW_US));
            // A process that starts later opens it, too.
            for documents in [&documents, &process(test, folder.path())] {
                let content = documents.open(document.id).await.unwrap();
                assert_eq!((content.media_type, content.bytes.expose()), (media_type, &bytes));
                assert_eq!(documents.get(document.id).await.unwrap(), document);
            }
        }
        assert_eq!(documents.list(7).await.unwrap().len(), 3);
        assert!(documents.list(8).await.unwrap().is_empty());
    }

    async fn names_in_the_store_are_random_and_nothing_there_can_be_read(test: &TestDb) {
        let (documents, folder) = start(test).await;
        let bytes = png(64, 64);
        for _ in 0..3 {
            documents.upload(7, passport("../../../etc/passwd"), bytes.clone(), NOW_US).await.unwrap();
        }
        let found = files(folder.path());
        assert_eq!(found.len(), 3);
        for path in found {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
            assert!(path.starts_with(folder.path().join("documents")));
            let sealed = std::fs::read(&path).unwrap();
            assert!(!sealed.windows(8).any(|part| part == &bytes[..8]), "the file lies open in the store");
        }
        let read = test.db.read();
        let all = sea_orm::Statement::from_string(
            sea_orm::ConnectionTrait::get_database_backend(read),
            "SELECT sealed_number FROM identity_documents",
        );
        for row in sea_orm::ConnectionTrait::query_all_raw(read, all).await.unwrap() {
            let sealed: Vec<u8> = row.try_get_by_index(0).unwrap();
            assert!(!sealed.windows(4).any(|part| part == b"C01X"), "a number lies open in the database");
        }
    }

    async fn what_was_changed_in_the_store_is_not_shown(test: &TestDb) {
        let (documents, folder) = start(test).await;
        let first = upload(&documents, 7).await;
        let first_file = files(folder.path()).remove(0);
        let second = upload(&documents, 8).await;
        let second_file = files(folder.path()).into_iter().find(|path| *path != first_file).unwrap();
        let sealed = std::fs::read(&first_file).unwrap();
        let tampered = |id| move |error: DocumentError| matches!(error, DocumentError::Tampered(of) if of == id);
        for at in [0, 5, sealed.len() / 2, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            std::fs::write(&first_file, changed).unwrap();
            assert!(tampered(first.id)(why(documents.open(first.id).await)), "byte {at}");
        }
        for changed in [&sealed[..sealed.len() - 1], &[], &vec![0; MAX_DOCUMENT_BYTES + 1_000]] {
            std::fs::write(&first_file, changed).unwrap();
            assert!(tampered(first.id)(why(documents.open(first.id).await)));
        }
        // Another user's file in its place.
        std::fs::write(&first_file, std::fs::read(&second_file).unwrap()).unwrap();
        assert!(tampered(first.id)(why(documents.open(first.id).await)));
        std::fs::remove_file(&first_file).unwrap();
        assert!(tampered(first.id)(why(documents.open(first.id).await)));
        std::fs::write(&first_file, &sealed).unwrap();
        documents.open(first.id).await.unwrap();
        documents.open(second.id).await.unwrap();
        // A document that is given to another user in the database does not open for him.
        execute(test, "UPDATE identity_documents SET user_id = 9 WHERE user_id = 8").await;
        assert!(tampered(second.id)(why(documents.open(second.id).await)));
        assert!(tampered(second.id)(why(documents.list(9).await)));
    }

    async fn a_verdict_is_given_once(test: &TestDb) {
        let (documents, _folder) = start(test).await;
        let document = upload(&documents, 7).await;
        assert!(matches!(why(documents.review(document.id, 7, Verdict::Approve, NOW_US).await), DocumentError::OwnDocument));
        let blurred = Verdict::Reject { reason: " blurred " };
        let rejected = documents.review(document.id, 1, blurred, NOW_US + 5).await.unwrap();
        assert_eq!((rejected.state, rejected.reviewer_id), (DocumentState::Rejected, Some(1)));
        assert_eq!((rejected.reason.as_deref(), rejected.reviewed_at_us), (Some("blurred"), Some(NOW_US + 5)));
        for verdict in [Verdict::Approve, blurred] {
            assert!(matches!(why(documents.review(document.id, 2, verdict, NOW_US).await), DocumentError::Judged));
        }
        assert_eq!(documents.get(document.id).await.unwrap(), rejected);
        let long = "x".repeat(501);
        for reason in ["", "  ", &long] {
            let result = documents.review(document.id, 2, Verdict::Reject { reason }, NOW_US).await;
            assert!(matches!(why(result), DocumentError::Field(_)));
        }
        assert!(matches!(why(documents.review(999, 1, Verdict::Approve, NOW_US).await), DocumentError::Unknown));
    }

    async fn of_two_reviewers_at_the_same_moment_one_judges(test: &TestDb) {
        let (documents, folder) = start(test).await;
        let id = upload(&documents, 7).await.id;
        let mut reviewers = tokio::task::JoinSet::new();
        for reviewer in 100..108 {
            let documents = process(test, folder.path());
            reviewers.spawn(async move { documents.review(id, reviewer, Verdict::Approve, NOW_US).await.is_ok() });
        }
        assert_eq!(reviewers.join_all().await.into_iter().filter(|judged| *judged).count(), 1);
    }

    async fn an_approved_document_expires_after_its_last_day(test: &TestDb) {
        let (documents, _folder) = start(test).await;
        let (approved, pending) = (upload(&documents, 7).await.id, upload(&documents, 7).await.id);
        documents.review(approved, 1, Verdict::Approve, NOW_US).await.unwrap();
        assert_eq!(documents.sweep(NOW_US + 6 * DAY_US).await.unwrap(), 0, "its last day is not over");
        assert_eq!(documents.sweep(NOW_US + 7 * DAY_US).await.unwrap(), 1);
        assert_eq!(documents.get(approved).await.unwrap().state, DocumentState::Expired);
        assert_eq!(documents.get(pending).await.unwrap().state, DocumentState::Pending);
        assert!(matches!(why(documents.review(approved, 1, Verdict::Approve, NOW_US).await), DocumentError::Judged));
    }

    async fn an_owner_deletes_what_was_not_approved(test: &TestDb) {
        let (documents, folder) = start(test).await;
        let (first, second) = (upload(&documents, 7).await.id, upload(&documents, 7).await.id);
        documents.review(second, 1, Verdict::Approve, NOW_US).await.unwrap();
        assert!(matches!(why(documents.delete(8, first).await), DocumentError::Unknown));
        documents.delete(7, first).await.unwrap();
        assert!(matches!(why(documents.delete(7, first).await), DocumentError::Unknown));
        assert!(matches!(why(documents.delete(7, second).await), DocumentError::Kept));
        assert_eq!(files(folder.path()).len(), 1);
        // With the account everything goes.
        assert_eq!(documents.delete_all(7).await.unwrap(), 1);
        assert!(files(folder.path()).is_empty() && documents.list(7).await.unwrap().is_empty());
    }

    async fn what_an_upload_left_behind_is_removed(test: &TestDb) {
        let (documents, folder) = start(test).await;
        let id = upload(&documents, 7).await.id;
        // As if the process had died before it could say that the file had arrived.
        execute(test, "UPDATE identity_documents SET state = 'arriving'").await;
        assert!(matches!(why(documents.get(id).await), DocumentError::Unknown));
        assert_eq!(documents.sweep(NOW_US + LOST_AFTER_SECONDS * 1_000_000).await.unwrap(), 0);
        assert_eq!(documents.sweep(NOW_US + LOST_AFTER_SECONDS * 1_000_000 + 1).await.unwrap(), 1);
        assert!(files(folder.path()).is_empty());
        // And before it could delete the file.
        upload(&documents, 7).await;
        execute(test, "UPDATE identity_documents SET state = 'leaving'").await;
        assert_eq!(documents.sweep(NOW_US).await.unwrap(), 1);
        assert!(files(folder.path()).is_empty());
    }

    async fn reviewers_page_through_what_waits(test: &TestDb) {
        let (documents, _folder) = start(test).await;
        for user_id in 1..=5 {
            let id = upload(&documents, user_id).await.id;
            if user_id == 3 {
                documents.review(id, 1, Verdict::Approve, NOW_US).await.unwrap();
            }
        }
        let (mut after, mut seen) = (None, Vec::new());
        for _ in 0..2 {
            let keyset = Keyset { after, limit: Limit::clamp(Some(3), 3), order: Order::Ascending };
            let page = documents.page(Some(DocumentState::Pending), &keyset).await.unwrap();
            seen.extend(page.items.into_iter().map(|document| document.user_id));
            after = page.next;
        }
        assert_eq!((seen, after), (vec![1, 2, 4, 5], None));
        let all = Keyset { after: None, limit: Limit::clamp(None, 100), order: Order::Descending };
        assert_eq!(documents.page(None, &all).await.unwrap().items.len(), 5);
    }

    async fn sizes_and_numbers_are_bounded(test: &TestDb) {
        let (documents, folder) = start(test).await;
        for bytes in [Vec::new(), vec![0; MAX_DOCUMENT_BYTES + 1]] {
            assert!(matches!(why(documents.upload(7, passport("x"), bytes, NOW_US).await), DocumentError::Size));
        }
        for _ in 0..MAX_DOCUMENTS {
            upload(&documents, 7).await;
        }
        assert!(matches!(why(documents.upload(7, passport("x"), png(1, 1), NOW_US).await), DocumentError::TooMany));
        upload(&documents, 8).await;
        assert_eq!(files(folder.path()).len() as u64, MAX_DOCUMENTS + 1);
        let late = documents.upload(9, passport("x"), png(1, 1), NOW_US + 7 * DAY_US).await;
        assert!(matches!(why(late), DocumentError::Field(_)));
    }
}
