//! The client for other servers' HTTP: one TLS for the whole program, and bounds on what a server may do to us.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};

use crate::Error;

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections to one server that are kept for the next request.
const IDLE_CONNECTIONS: usize = 8;

/// A client whose requests take `timeout` at most, answer and all. Its TLS is that of ring with the roots of Mozilla. It follows no
/// redirection, so that a server cannot send it to an address of the inner network, and uses no proxy of the environment.
///
/// # Errors
/// [`Error::Http`] when it cannot be made.
pub fn client(timeout: Duration) -> Result<reqwest::Client, Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let failed = |error: &dyn std::fmt::Display| Error::Http(error.to_string());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        .redirect(Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .user_agent(concat!("rialto/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| failed(&error))
}

/// The body of an answer, of at most `limit` bytes.
///
/// # Errors
/// [`Error::Http`] when it is longer, or breaks off.
pub async fn body(mut answer: reqwest::Response, limit: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| Error::Http(error.without_url().to_string()))? {
        if bytes.len() + part.len() > limit {
            return Err(Error::Http(format!("the answer has more than {limit} bytes")));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::{body, client};

    /// Answers one request with `answer`, and gives the address.
    fn serve(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]);
            stream.write_all(answer.as_bytes()).unwrap();
        });
        address
    }

    async fn get(address: String, limit: usize) -> Result<Vec<u8>, String> {
        let client = client(Duration::from_secs(30)).unwrap();
        let answer = client.get(address).send().await.map_err(|error| error.to_string())?;
        body(answer, limit).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_body_has_a_bound() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(get(serve(answer), 5).await.unwrap(), b"hello");
        assert!(get(serve(answer), 4).await.unwrap_err().contains("more than 4 bytes"));
    }

    #[tokio::test]
    async fn a_redirection_is_not_followed() {
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 4\r\n\r\nover";
        assert_eq!(get(serve(answer), 100).await.unwrap(), b"over");
    }
}
