//! Letters on their way through a queue, to a real mail server.

use std::sync::Arc;

use mail::{Data, Error, Locale, Mail, Postman, Sent, Template, sample};
use runtime::clock::ManualClock;
use runtime::config;
use runtime::entropy::SystemRandom;
use runtime::secrets::SealingKey;

use crate::server::{OPEN, Server};

fn open(settings: &config::Mail, key: u8) -> Mail {
    let clock = Arc::new(ManualClock::at(1_700_000_000_000_000));
    let postman = Postman::smtp(settings).unwrap();
    Mail::new(Some(postman), SealingKey::from_bytes(&[key; 32]), clock, Arc::new(SystemRandom::new()))
}

fn payload(mail: &Mail, to: &str) -> String {
    let template = Template::VerifyEmail;
    mail.seal(to, template, Locale::En, sample(template)).unwrap().to_string()
}

#[tokio::test]
async fn a_payload_is_sent_by_another_process_with_the_same_key() {
    let server = Server::start(OPEN);
    let payload = payload(&open(&server.settings(), 1), "anybody@example.org");
    assert!(!payload.contains("3f9c"), "the token is sealed: {payload}");
    let Sent::Done(delivered) = open(&server.settings(), 1).send(&payload).await else { panic!("not sent") };
    let taken = server.letters();
    assert_eq!(taken.len(), 1);
    let raw = String::from_utf8(taken[0].raw.clone()).unwrap();
    assert!(raw.contains(&delivered.message_id) && raw.contains("3f9c"), "{raw}");
}

#[tokio::test]
async fn the_answer_says_whether_to_try_again() {
    let mut server = Server::start(OPEN);
    let mail = open(&server.settings(), 1);
    let busy = payload(&mail, "busy@example.org");
    let later = mail.send(&busy).await;
    assert!(matches!(&later, Sent::Later(why) if why.contains("451")), "{later:?}");
    assert!(matches!(mail.send(&busy).await, Sent::Done(_)));
    let never = mail.send(&payload(&mail, "refused@example.org")).await;
    assert!(matches!(&never, Sent::Never(why) if why.contains("550")), "{never:?}");
    server.stop();
    let later = mail.send(&busy).await;
    assert!(matches!(&later, Sent::Later(_)), "{later:?}");
}

#[tokio::test]
async fn what_is_no_letter_of_ours_is_a_dead_letter_and_not_repeated() {
    let server = Server::start(OPEN);
    let mail = open(&server.settings(), 1);
    let good = payload(&mail, "anybody@example.org");
    let large = format!("{good}{}", " ".repeat(70_000));
    let stolen = good.replace("anybody@", "thief@");
    let newer = good.replace("verify-email", "of-tomorrow");
    for bad in ["", "{}", "hunter2", &stolen, &newer, &large] {
        let never = mail.send(bad).await;
        assert!(matches!(&never, Sent::Never(why) if !why.contains("hunter2")), "{never:?}");
    }
    assert!(matches!(open(&server.settings(), 2).send(&good).await, Sent::Never(_)), "another key");
    assert!(server.letters().is_empty());
}

#[test]
fn what_could_never_be_sent_is_not_begun() {
    let settings = config::Mail { server: Some("localhost:25".to_owned()), ..config::Settings::defaults().mail };
    let mail = open(&config::Mail { from: Some("a@b.example".to_owned()), ..settings }, 1);
    let refused = |to, data| mail.seal(to, Template::Deleted, Locale::De, data).unwrap_err();
    assert!(matches!(refused("nobody", sample(Template::Deleted)), Error::Address(_)));
    assert!(matches!(refused("a@b.example", Data::new()), Error::Data { .. }));
}
