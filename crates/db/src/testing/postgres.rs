//! A private PostgreSQL server for the tests of this process.
//!
//! Every test process has its own server, so that nothing has to be agreed between processes. It starts in a fraction of a second, because
//! the slow part, `initdb`, is done once and kept under the build directory; each server works on a copy.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

/// Starts the server, waits for the end of its own standard input, and cleans up. The other end of that pipe is held by the test
/// process alone, and the kernel closes it however that process ends.
const GUARD: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -h '' -c fsync=off -c full_page_writes=off -c synchronous_commit=off \
    -c max_connections=200 -c shared_buffers=32MB -c max_wal_size=64MB >"$2/log" 2>&1 </dev/null &
read -r _
kill -QUIT $!
wait $!
rm -rf "$2"
"#;

const START_ATTEMPTS: u32 = 1500;
const START_PAUSE: Duration = Duration::from_millis(20);

/// The machine's user that the server runs as: it refuses to run as root.
#[derive(Debug, Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

#[derive(Debug)]
struct Server {
    /// Holds the socket, the log and the data.
    directory: PathBuf,
    databases: AtomicU32,
    _alive: ChildStdin,
}

static SERVER: OnceLock<Server> = OnceLock::new();

/// Makes an empty database in this process's server, which the first call starts; gives its address.
pub(super) async fn create_database() -> String {
    let server = SERVER.get_or_init(|| Server::start().expect("a private PostgreSQL server can be started"));
    let admin = server.connect().await;
    let name = format!("test_{}", server.databases.fetch_add(1, Ordering::SeqCst));
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database can be made");
    admin.close().await.expect("a connection can be closed");
    server.url(&name)
}

impl Server {
    fn start() -> io::Result<Self> {
        let binaries = binaries()?;
        let user = user()?;
        let template = template(&binaries, user)?;
        let directory = private_directory(user)?;
        copy_tree(&template, &directory.join("data"), user)?;
        let mut guard = run_as("sh", user);
        guard.args(["-c", GUARD, "guard"]).arg(&binaries).arg(&directory).current_dir(&directory);
        // A group of its own: what ends the group of the tests must leave the guard to clean up.
        guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guard = guard.spawn()?;
        let alive = guard.stdin.take().ok_or_else(|| io::Error::other("the guard has no standard input"))?;
        Ok(Self { directory, databases: AtomicU32::new(0), _alive: alive })
    }

    fn url(&self, database: &str) -> String {
        let socket = self.directory.to_string_lossy().replace('/', "%2F");
        format!("postgres://postgres@localhost/{database}?host={socket}")
    }

    async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).sqlx_logging(false);
        let mut attempt = 1;
        loop {
            match Database::connect(options.clone()).await {
                Ok(connection) => return connection,
                Err(error) => {
                    let log = || fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                    assert!(
                        attempt < START_ATTEMPTS,
                        "the private PostgreSQL server does not start: {error}\n{}",
                        log()
                    );
                    attempt += 1;
                    tokio::time::sleep(START_PAUSE).await;
                }
            }
        }
    }
}

/// The newest version in Debian's place for it, else what the search path has.
fn binaries() -> io::Result<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    let newest_first = found.into_iter().rev().map(|(_, directory)| directory);
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    newest_first
        .chain(std::env::split_paths(&search_path))
        .find(|directory| directory.join("initdb").is_file() && directory.join("postgres").is_file())
        .ok_or_else(|| {
            let sentence =
                "PostgreSQL's server is not installed, and the tests need it: install the Debian package `postgresql`";
            io::Error::new(io::ErrorKind::NotFound, sentence)
        })
}

/// `None` where the test process itself may run the server.
fn user() -> io::Result<Option<User>> {
    // The owner of this process's entry is its effective user.
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let parse = |line: &str| {
        let mut fields = line.split(':').skip(2);
        Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    };
    users.lines().find(|line| line.starts_with("postgres:")).and_then(parse).map(Some).ok_or_else(|| {
        io::Error::other("PostgreSQL refuses to run as root and there is no user `postgres`: install the Debian package `postgresql`")
    })
}

fn run_as(program: impl AsRef<std::ffi::OsStr>, user: Option<User>) -> Command {
    let mut command = Command::new(program);
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// An initialised data directory, made on the first call and kept beside the build's output.
fn template(binaries: &Path, user: Option<User>) -> io::Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let target = executable.ancestors().find(|directory| directory.join("CACHEDIR.TAG").is_file());
    let cache = target.unwrap_or(&std::env::temp_dir()).join("test-postgres");
    fs::create_dir_all(&cache)?;
    let version: String = binaries.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    let template = cache.join(format!("template-{version}"));
    // One process makes it; the others wait here.
    let lock = File::create(cache.join("lock"))?;
    lock.lock()?;
    if !template.is_dir() {
        let directory = private_directory(user)?;
        let data = directory.join("data");
        let mut initdb = run_as(binaries.join("initdb"), user);
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--wal-segsize=1",
        ]);
        let output = initdb.arg("-D").arg(&data).current_dir(&directory).output()?;
        if !output.status.success() {
            return Err(io::Error::other(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr))));
        }
        let draft = cache.join(format!("draft-{}", std::process::id()));
        // Left by a process of the same number that was killed.
        if draft.is_dir() {
            fs::remove_dir_all(&draft)?;
        }
        copy_tree(&data, &draft, None)?;
        fs::rename(draft, &template)?;
        fs::remove_dir_all(directory)?;
    }
    Ok(template)
}

/// A new directory that only `user` may enter. Its path is short, as that of a socket must be.
fn private_directory(user: Option<User>) -> io::Result<PathBuf> {
    let directory = tempfile::Builder::new().prefix("rialto-postgres-").tempdir()?.keep();
    if let Some(user) = user {
        chown(&directory, Some(user.uid), Some(user.gid))?;
    }
    Ok(directory)
}

fn copy_tree(from: &Path, to: &Path, user: Option<User>) -> io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target, user)?;
        } else {
            fs::copy(entry.path(), &target)?;
            if let Some(user) = user {
                chown(&target, Some(user.uid), Some(user.gid))?;
            }
        }
    }
    match user {
        Some(user) => chown(to, Some(user.uid), Some(user.gid)),
        None => Ok(()),
    }
}
