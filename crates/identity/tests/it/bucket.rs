//! Documents in a bucket: a server that speaks S3 and checks every signature, over a real socket.

use std::sync::Arc;

use db::testing::TestDb;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use identity::{DocumentError, Documents, Error, MAX_DOCUMENT_BYTES, S3Store, Verdict, open_store};
use runtime::entropy::SystemRandom;
use runtime::secrets::{SealingKey, Secret};
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use s3s_fs::FileSystem;
use tokio::net::TcpListener;

use super::api_keys::NOW_US;
use super::documents::{files, passport};
use super::files::{jpeg, png};

const SECRET: &str = "of the bucket";

/// A service with the bucket `papers`, which is a folder.
struct Bucket {
    folder: tempfile::TempDir,
    endpoint: String,
}

impl Bucket {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("papers")).unwrap();
        let mut service = S3ServiceBuilder::new(FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("rialto", SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let http = Builder::new(TokioExecutor::new());
                    http.serve_connection(TokioIo::new(stream), service).await.ok();
                });
            }
        });
        Self { folder, endpoint }
    }

    fn documents(&self, test: &TestDb, secret: &str) -> Documents {
        let bucket = S3Store {
            bucket: "papers".to_owned(),
            region: "eu-central-1".to_owned(),
            endpoint: Some(self.endpoint.clone()),
            access_key_id: "rialto".to_owned(),
            secret_access_key: Secret::new(secret.to_owned()),
        };
        let store = open_store(self.folder.path(), Some(&bucket)).unwrap();
        Documents::new(test.db.clone(), store, SealingKey::from_bytes(&[3; 32]), Arc::new(SystemRandom::new()))
    }

    /// Every file in the bucket, as its service keeps them.
    fn files(&self) -> Vec<std::path::PathBuf> {
        files(&self.folder.path().join("papers"))
    }
}

db::on_each_database! {
    async fn documents_live_in_a_bucket(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let bucket = Bucket::start().await;
        let documents = bucket.documents(test, SECRET);
        for bytes in [png(64, 64), jpeg()] {
            let document = documents.upload(7, passport("me.png"), bytes.clone(), NOW_US).await.unwrap();
            for documents in [&documents, &bucket.documents(test, SECRET)] {
                assert_eq!(documents.open(document.id).await.unwrap().bytes.expose(), &bytes);
            }
            documents.review(document.id, 1, Verdict::Approve, NOW_US).await.unwrap();
        }
        let found = bucket.files();
        assert_eq!(found.len(), 2);
        for path in found {
            let sealed = std::fs::read(&path).unwrap();
            assert!(!sealed.windows(8).any(|part| part == &png(64, 64)[..8]), "a file lies open in the bucket");
            std::fs::write(&path, vec![0; MAX_DOCUMENT_BYTES + 1_000]).unwrap();
        }
        for document in documents.list(7).await.unwrap() {
            let Err(Error::Document(DocumentError::Tampered(id))) = documents.open(document.id).await else {
                unreachable!("what was changed in the bucket is not shown")
            };
            assert_eq!(id, document.id);
        }
        assert_eq!(documents.delete_all(7).await.unwrap(), 2);
        assert!(bucket.files().is_empty());
    }

    async fn a_bucket_that_refuses_leaves_nothing_behind(test: &TestDb) {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        let bucket = Bucket::start().await;
        let ours = bucket.documents(test, SECRET);
        let document = ours.upload(7, passport("me.png"), png(8, 8), NOW_US).await.unwrap();
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let gone = Bucket { endpoint: format!("http://{nobody}"), ..Bucket::start().await };
        for (bucket, secret, cause) in [(&bucket, "a wrong one", "SignatureDoesNotMatch"), (&gone, SECRET, "error sending")] {
            let documents = bucket.documents(test, secret);
            let error = documents.upload(7, passport("me.png"), png(8, 8), NOW_US).await.unwrap_err();
            let Error::Document(DocumentError::Store(why)) = &error else { unreachable!("{error:?}") };
            assert!(why.to_string().contains(cause), "an operator sees {cause}: {why}");
            assert!(!format!("{error} {error:?}").contains(secret));
        }
        assert_eq!(bucket.files().len(), 1);
        assert_eq!(ours.list(7).await.unwrap(), [document], "what was not taken is not shown");
    }
}
