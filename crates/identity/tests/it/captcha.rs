//! The answer of a CAPTCHA, checked at a server that speaks `siteverify`.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use identity::{Captcha, Error, Refusal};
use runtime::config::{CaptchaProvider, Settings};
use runtime::secrets::Secret;

/// Answers each request with `answer`; gives the CAPTCHA that asks there, and the forms that it sent.
fn provider(answer: &'static str) -> (Captcha, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/siteverify", listener.local_addr().unwrap());
    let (sender, forms) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let (mut request, mut part) = (Vec::new(), [0; 4_096]);
            // The form is a few hundred bytes and tells its length.
            while !is_whole(&request) {
                let count = stream.read(&mut part).unwrap();
                request.extend_from_slice(&part[..count]);
            }
            let request = String::from_utf8(request).unwrap();
            let _ = sender.send(request.split_once("\r\n\r\n").unwrap().1.to_owned());
            let length = answer.split_once(' ').map_or(0, |(_, body)| body.len());
            let (status, body) = answer.split_once(' ').unwrap_or((answer, ""));
            write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
                .unwrap();
        }
    });
    let mut settings = Settings::defaults().captcha;
    settings.provider = CaptchaProvider::Turnstile;
    settings.site_key = Some("public".to_owned());
    settings.secret = Some(Secret::new("of & ours".to_owned()));
    settings.verify_url = Some(url);
    (Captcha::new(&settings).unwrap(), forms)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}

async fn check(captcha: &Captcha, answer: Option<&str>) -> Result<(), Error> {
    captcha.check(answer, "192.0.2.7".parse().unwrap()).await
}

#[tokio::test]
async fn an_answer_is_asked_about_with_the_secret_and_the_address() {
    let (captcha, forms) = provider(r#"200 {"success":true,"hostname":"exchange.example"}"#);
    assert!(captcha.is_on());
    check(&captcha, Some("a+b")).await.unwrap();
    assert_eq!(forms.recv().unwrap(), "secret=of+%26+ours&response=a%2Bb&remoteip=192.0.2.7");
}

#[tokio::test]
async fn what_is_missing_wrong_or_huge_is_refused() {
    let (captcha, forms) = provider(r#"200 {"success":false,"error-codes":["invalid-input-response"]}"#);
    let refused = |done: Result<(), Error>| match done {
        Err(Error::Refused(refusal)) => refusal,
        other => unreachable!("{other:?}"),
    };
    assert_eq!(refused(check(&captcha, None).await), Refusal::CaptchaNeeded);
    assert_eq!(refused(check(&captcha, Some("")).await), Refusal::CaptchaNeeded);
    assert_eq!(refused(check(&captcha, Some(&"a".repeat(8_193))).await), Refusal::Captcha);
    assert!(forms.try_recv().is_err(), "nobody was asked about those");
    assert_eq!(refused(check(&captcha, Some("a")).await), Refusal::Captcha);
}

#[tokio::test]
async fn nobody_gets_in_while_the_provider_is_away() {
    for answer in ["500 {\"success\":true}", "200 no JSON", "302 {\"success\":true}"] {
        let (captcha, _forms) = provider(answer);
        let refused = check(&captcha, Some("a")).await;
        assert!(matches!(refused, Err(Error::Unavailable(_))), "{answer}: {refused:?}");
    }
    let mut settings = Settings::defaults().captcha;
    settings.provider = CaptchaProvider::Hcaptcha;
    settings.secret = Some(Secret::new("s".to_owned()));
    settings.verify_url = Some("http://127.0.0.1:1/".to_owned());
    let refused = check(&Captcha::new(&settings).unwrap(), Some("a")).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn none_is_asked_for_where_there_is_none() {
    let captcha = Captcha::new(&Settings::defaults().captcha).unwrap();
    assert!(!captcha.is_on());
    check(&captcha, None).await.unwrap();
}
