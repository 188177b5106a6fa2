//! The mailbox of a development server.

use std::sync::Arc;

use db::testing::TestDb;
use mail::{Letter, Locale, Mailbox, Postman, Template, sample};
use runtime::clock::ManualClock;
use runtime::config::Settings;
use runtime::entropy::SystemRandom;

async fn open(test: &TestDb, capacity: u32) -> (Mailbox, Postman) {
    db::migrate(&test.db, &[mail::migrations()]).await.unwrap();
    let mailbox = Mailbox::new(test.db.clone(), Arc::new(ManualClock::at(2_000)), capacity);
    let postman = Postman::development(&Settings::defaults().mail, mailbox.clone()).unwrap();
    (mailbox, postman)
}

fn letter(to: &str, template: Template) -> Letter {
    Letter::new(&SystemRandom::new(), 1_000, to, template, Locale::De, sample(template)).unwrap()
}

db::on_each_database! {
    async fn a_letter_is_there_once_and_can_be_read(test: &TestDb) {
        let (mailbox, postman) = open(test, 10).await;
        let first = letter("a@b.example", Template::ResetPassword);
        for _ in 0..2 {
            let delivered = postman.deliver(&first).await.unwrap();
            assert_eq!(delivered.message_id, format!("<{}@rialto.invalid>", first.id()));
        }
        postman.deliver(&letter("c@d.example", Template::TotpOn)).await.unwrap();

        let all = mailbox.list(None).await.unwrap();
        let seen: Vec<_> = all.iter().map(|entry| (entry.to.as_str(), entry.subject.as_str(), entry.written_at_us)).collect();
        assert_eq!(seen, [
            ("c@d.example", "Zwei-Faktor-Anmeldung ist eingeschaltet", 1_000),
            ("a@b.example", "Neues Passwort für Rialto", 1_000),
        ]);
        assert_eq!(mailbox.list(Some("a@b.example")).await.unwrap(), [all[1].clone()]);
        let stored = mailbox.get(all[1].id).await.unwrap().unwrap();
        assert_eq!((stored.template.as_str(), stored.locale.as_str()), ("reset-password", "de"));
        assert!(stored.text.contains("https://exchange.example/go?a=1&token=3f9c"), "{}", stored.text);
        assert!(mail::letter_page("/dev/mail", &stored).contains("Neues Passwort für Rialto"));
        assert!(mail::list_page("/dev/mail", &all).contains("c@d.example"));
        assert_eq!(mailbox.get(999).await.unwrap(), None);
    }

    async fn it_holds_so_many_and_the_oldest_go(test: &TestDb) {
        let (mailbox, postman) = open(test, 3).await;
        for number in 0..5 {
            postman.deliver(&letter(&format!("user{number}@b.example"), Template::TotpOn)).await.unwrap();
        }
        let to: Vec<String> = mailbox.list(None).await.unwrap().into_iter().map(|entry| entry.to).collect();
        assert_eq!(to, ["user4@b.example", "user3@b.example", "user2@b.example"]);
        assert_eq!(mailbox.clear().await.unwrap(), 3);
        assert!(mailbox.list(None).await.unwrap().is_empty());
    }
}
