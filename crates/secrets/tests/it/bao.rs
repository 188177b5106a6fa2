//! Starts OpenBao, the open fork of HashiCorp Vault, as a server that holds everything in memory.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use runtime::config::{SecretsSource, Settings, SourceKind, Vault};
use runtime::secrets::Secret;
use tempfile::TempDir;

const ROOT_TOKEN: &str = "root-of-the-tests";
const KEY: &str = "rialto";
/// How often, and how long apart, the server is asked whether it is there.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// A running server. It ends with this value.
#[derive(Debug)]
pub(crate) struct Bao {
    child: Child,
    folder: TempDir,
    address: String,
    ca_file: Option<PathBuf>,
}

impl Bao {
    /// Starts one with a transit key, AppRole, and a policy for the secrets below `secret/rialto`.
    pub(crate) fn start(tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // The server wants to be told its port: a free one, which nobody else is given meanwhile.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut arguments =
            vec![format!("-dev-listen-address=127.0.0.1:{port}"), format!("-dev-root-token-id={ROOT_TOKEN}")];
        if tls {
            arguments.extend(["-dev-tls".to_owned(), format!("-dev-tls-cert-dir={}", folder.path().display())]);
        }
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        // It ends when the pipe to the shell is closed, also when this process is killed.
        let script =
            "\"$0\" server -dev -dev-no-store-token \"$@\" & server=$!; cat >/dev/null; kill $server; wait $server";
        let child = Command::new("sh")
            .args(["-c", script])
            .arg(program())
            .args(arguments)
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let ca_file = tls.then(|| folder.path().join("vault-ca.pem"));
        let scheme = if tls { "https" } else { "http" };
        let bao = Self { child, folder, address: format!("{scheme}://127.0.0.1:{port}"), ca_file };
        bao.wait();
        bao.run(&["secrets", "enable", "transit"]);
        bao.run(&["write", "-f", &format!("transit/keys/{KEY}")]);
        bao.run(&["auth", "enable", "approle"]);
        let policy = format!(
            "path \"secret/data/rialto/*\" {{ capabilities = [\"read\"] }}\n\
             path \"transit/encrypt/{KEY}\" {{ capabilities = [\"update\"] }}\n\
             path \"transit/decrypt/{KEY}\" {{ capabilities = [\"update\"] }}\n"
        );
        std::fs::write(bao.folder.path().join("policy"), policy).unwrap();
        let policy = bao.folder.path().join("policy");
        bao.run(&["policy", "write", "rialto", policy.to_str().unwrap()]);
        bao
    }

    /// Runs the command-line client as the owner of everything; gives what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Puts a secret in.
    pub(crate) fn put(&self, name: &str, value: &str) {
        self.run(&["kv", "put", &format!("secret/rialto/{name}"), &format!("value={value}")]);
    }

    /// A token that may read the secrets, for so long.
    pub(crate) fn token(&self, lifetime: &str) -> Secret<String> {
        let lifetime = format!("-ttl={lifetime}");
        let token = self.run(&["token", "create", "-policy=rialto", &lifetime, "-field=token"]);
        Secret::new(token)
    }

    /// A role, with its secret, whose tokens live so long.
    pub(crate) fn role(&self, lifetime: &str) -> (String, Secret<String>) {
        let lifetime = format!("token_ttl={lifetime}");
        self.run(&["write", "auth/approle/role/rialto", "token_policies=rialto", &lifetime]);
        let role_id = self.run(&["read", "-field=role_id", "auth/approle/role/rialto/role-id"]);
        let secret_id = self.run(&["write", "-f", "-field=secret_id", "auth/approle/role/rialto/secret-id"]);
        (role_id, Secret::new(secret_id))
    }

    /// Settings that sign in with this token.
    pub(crate) fn with_token(&self, token: Secret<String>) -> SecretsSource {
        let mut settings = self.settings();
        settings.vault.token = Some(token);
        settings
    }

    /// Settings that sign in with this role.
    pub(crate) fn with_role(&self, (role_id, secret_id): (String, Secret<String>)) -> SecretsSource {
        let mut settings = self.settings();
        settings.vault = Vault { role_id: Some(role_id), secret_id: Some(secret_id), ..settings.vault };
        settings
    }

    /// Settings without any way to sign in.
    pub(crate) fn settings(&self) -> SecretsSource {
        let defaults = Settings::defaults().secrets;
        let vault = Vault {
            address: Some(self.address.clone()),
            ca_file: self.ca_file.clone(),
            transit_key: Some(KEY.to_owned()),
            timeout_ms: 30_000,
            ..defaults.vault
        };
        SecretsSource { source: SourceKind::Vault, vault, ..defaults }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(arguments).env("BAO_ADDR", &self.address).env("BAO_TOKEN", ROOT_TOKEN);
        command.env("HOME", self.folder.path());
        if let Some(ca_file) = &self.ca_file {
            command.env("BAO_CACERT", ca_file);
        }
        command
    }

    fn wait(&self) {
        for _ in 0..TRIES {
            if self.command(&["status"]).output().unwrap().status.success() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        panic!("OpenBao does not answer:\n{log}");
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

/// The program of `tests/servers`, which `cargo xtask setup` installs below cargo's target directory.
fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("servers").join("bin/bao");
    assert!(program.exists(), "{} is missing: run `cargo xtask setup`", program.display());
    program
}
