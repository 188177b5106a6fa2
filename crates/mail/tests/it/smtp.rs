//! Letters to a real mail server, read back from it.

use mail::{Letter, Locale, Postman, SendError, Template, sample};
use runtime::config::{Mail, MailTls};
use runtime::entropy::SystemRandom;

use crate::server::{OPEN, Protection, Server};

const NOW_US: u64 = 1_700_000_000_000_000;

fn letter(to: &str) -> Letter {
    let (template, random) = (Template::NewDevice, SystemRandom::new());
    Letter::new(&random, NOW_US, to, template, Locale::De, sample(template)).unwrap()
}

async fn deliver(settings: &Mail, letter: &Letter) -> Result<mail::Delivered, SendError> {
    Postman::smtp(settings).unwrap().deliver(letter).await
}

/// What Python's own library reads out of a letter: headers decoded, and the decoded bodies.
fn read_by_python(raw: &[u8]) -> serde_json::Value {
    let script = "import sys, json, email, email.policy as p\n\
                  m = email.message_from_bytes(sys.stdin.buffer.read(), policy=p.default)\n\
                  parts = [[x.get_content_type(), x.get_content_charset(), x.get_content()] for x in m.iter_parts()]\n\
                  print(json.dumps({'headers': dict(m.items()), 'type': m.get_content_type(), 'parts': parts, \
                  'defects': [str(d) for d in m.defects]}))";
    let mut child = std::process::Command::new("python3")
        .args(["-c", script])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), raw).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

#[tokio::test]
async fn what_was_written_is_what_arrives() {
    let server = Server::start(OPEN);
    let sent = letter("käufer@example.org".replace('ä', "ae").as_str());
    let delivered = deliver(&server.settings(), &sent).await.unwrap();
    assert_eq!(delivered.message_id, format!("<{}@exchange.example>", sent.id()));
    assert!(delivered.answer.contains("taken as 0"), "{delivered:?}");

    let taken = server.letters();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].said["from"], "no-reply@exchange.example");
    assert_eq!(taken[0].said["to"], serde_json::json!(["kaeufer@example.org"]));
    assert_eq!(taken[0].said["hello"], "exchange.example");
    let read = read_by_python(&taken[0].raw);
    assert_eq!(read["defects"], serde_json::json!([]));
    let headers = &read["headers"];
    for (name, value) in [
        ("From", "Börse Beispiel <no-reply@exchange.example>"),
        ("To", "kaeufer@example.org"),
        ("Reply-To", "help@exchange.example"),
        ("Subject", "Neue Anmeldung bei Börse Beispiel"),
        ("Date", "Tue, 14 Nov 2023 22:13:20 +0000"),
        ("Message-ID", delivered.message_id.as_str()),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "de"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(headers[name], value, "{name}");
    }
    assert_eq!(read["type"], "multipart/alternative");
    let parts = read["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 2, "the plain text first, then what is preferred");
    for (part, kind) in parts.iter().zip(["text/plain", "text/html"]) {
        assert_eq!((&part[0], &part[1]), (&kind.into(), &"utf-8".into()));
        assert!(part[2].as_str().unwrap().contains("Österreich"), "{part}");
    }
    assert!(parts[0][2].as_str().unwrap().contains("14.11.2023 22:13 UTC"));
}

#[tokio::test]
async fn the_password_goes_over_tls_of_either_kind() {
    for tls in [MailTls::Starttls, MailTls::Tls, MailTls::None] {
        let server = Server::start(Protection { tls, password: Some("hunter2") });
        let settings = server.settings();
        deliver(&settings, &letter("anybody@example.org")).await.unwrap();
        let taken = server.letters();
        assert_eq!(taken.len(), 1, "{tls:?}");
        assert_eq!(taken[0].said["tls"], tls != MailTls::None, "{tls:?}");
        assert_eq!(taken[0].said["user"], "rialto", "{tls:?}");

        // Somebody at the mail server changed the password: the letter waits until the settings know.
        let wrong = Mail { password: Some(runtime::secrets::Secret::new("hunter3".to_owned())), ..settings };
        let refused = deliver(&wrong, &letter("anybody@example.org")).await.unwrap_err();
        assert!(refused.is_transient() && refused.to_string().contains("535"), "{tls:?}: {refused}");
        assert!(!format!("{refused:?}").contains("hunter"), "{refused:?}");
        assert_eq!(server.letters().len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_sent_past_a_certificate_that_is_not_trusted() {
    for tls in [MailTls::Starttls, MailTls::Tls] {
        let server = Server::start(Protection { tls, password: None });
        for settings in [
            Mail { ca_file: None, ..server.settings() },
            // The right authority, but another name.
            Mail {
                server: server.settings().server.map(|name| name.replace("localhost", "127.0.0.1")),
                ..server.settings()
            },
        ] {
            let refused = deliver(&settings, &letter("anybody@example.org")).await.unwrap_err();
            assert!(refused.is_transient(), "{refused}");
        }
        assert!(server.letters().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_does_not_offer_starttls_gets_nothing() {
    let server = Server::start(OPEN);
    let settings = Mail { tls: MailTls::Starttls, ..server.settings() };
    let refused = deliver(&settings, &letter("anybody@example.org")).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    assert!(server.letters().is_empty());
}

#[tokio::test]
async fn refusals_are_final_and_delays_are_not() {
    let server = Server::start(OPEN);
    let postman = Postman::smtp(&server.settings()).unwrap();
    let refused = postman.deliver(&letter("refused@example.org")).await.unwrap_err();
    assert!(matches!(&refused, SendError::Final(words) if words.contains("550")), "{refused}");
    let late = letter("busy@example.org");
    let delayed = postman.deliver(&late).await.unwrap_err();
    assert!(matches!(&delayed, SendError::Transient(words) if words.contains("451")), "{delayed}");
    postman.deliver(&late).await.unwrap();
    let taken = server.letters();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].said["to"], serde_json::json!(["busy@example.org"]));
}

#[tokio::test]
async fn a_server_that_dies_in_the_middle_is_tried_again_with_the_same_letter() {
    let mut server = Server::start(OPEN);
    let postman = Postman::smtp(&server.settings()).unwrap();
    let letter = letter("dies@example.org");
    let first = postman.deliver(&letter).await.unwrap_err();
    assert!(first.is_transient(), "{first}");
    let second = postman.deliver(&letter).await.unwrap_err();
    assert!(second.is_transient(), "nobody listens: {second}");
    server.start_again();
    let delivered = postman.deliver(&letter).await.unwrap();
    let taken = server.letters();
    assert_eq!(taken.len(), 1);
    let read = read_by_python(&taken[0].raw);
    assert_eq!(read["headers"]["Message-ID"], delivered.message_id);

    // A connection that the server ended meanwhile is not used again.
    server.start_again();
    postman.deliver(&self::letter("anybody@example.org")).await.unwrap();
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn the_same_letter_is_the_same_message() {
    let server = Server::start(OPEN);
    let letter = letter("anybody@example.org");
    for _ in 0..2 {
        // Another process, as after a restart.
        deliver(&server.settings(), &letter).await.unwrap();
    }
    let taken = server.letters();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].raw, taken[1].raw);
}

#[tokio::test]
async fn a_letter_that_was_given_up_leaves_no_answer_for_the_next() {
    let server = Server::start(OPEN);
    let settings = Mail { letter_timeout_ms: 2_000, max_connections: 1, ..server.settings() };
    let postman = Postman::smtp(&settings).unwrap();
    postman.deliver(&letter("anybody@example.org")).await.unwrap();
    let given_up = postman.deliver(&letter("silent@example.org")).await.unwrap_err();
    assert!(given_up.is_transient(), "{given_up}");
    // On the same connection, the late answers to the letter before would stand for those to this one.
    let refused = postman.deliver(&letter("refused@example.org")).await.unwrap_err();
    assert!(matches!(&refused, SendError::Final(words) if words.contains("550")), "{refused}");
    postman.deliver(&letter("anybody@example.org")).await.unwrap();
    assert_eq!(server.letters().len(), 2);
}

#[tokio::test]
async fn a_server_that_does_not_greet_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let settings = Mail { server: Some(address), timeout_ms: 200, ..Server::start(OPEN).settings() };
    let given_up = deliver(&settings, &letter("anybody@example.org")).await.unwrap_err();
    assert!(matches!(&given_up, SendError::Transient(words) if words.contains("open a session")), "{given_up}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_letters_share_few_connections() {
    let server = Server::start(OPEN);
    let postman = std::sync::Arc::new(Postman::smtp(&Mail { max_connections: 2, ..server.settings() }).unwrap());
    let all = (0..20).map(|number| {
        let postman = std::sync::Arc::clone(&postman);
        tokio::spawn(async move { postman.deliver(&letter(&format!("user{number}@example.org"))).await })
    });
    for task in all.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(server.letters().len(), 20);
}
