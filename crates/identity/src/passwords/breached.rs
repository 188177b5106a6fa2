//! A list of breached passwords in a file: SHA-1 hashes in hexadecimal, one a line, ordered, each followed by a colon and a count
//! (<https://haveibeenpwned.com/Passwords>, "ordered by hash"). It has tens of gigabytes, so it is searched where it lies.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::Error;

const HASH_BYTES: usize = 20;
const HEX: usize = 2 * HASH_BYTES;
/// The hash, a colon, a count of at most twenty digits, and the end of the line.
const LONGEST_LINE: usize = HEX + 1 + 20 + 2;

/// An open list.
#[derive(Debug)]
pub(crate) struct Breached {
    path: PathBuf,
    file: File,
    length: u64,
}

impl Breached {
    /// Opens a list and looks at its first line and at one in the middle.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error: io::Error| {
            Error::Settings(format!("identity.passwords.breached_file: {}: {error}", path.display()))
        };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let list = Self { path: path.to_owned(), file, length };
        for at in [0, length / 2] {
            list.line_from(at).map_err(failed)?;
        }
        Ok(list)
    }

    /// Whether the password is in the list.
    pub(crate) fn contains(&self, password: &str) -> Result<bool, Error> {
        self.search(password).map_err(|error| Error::Internal(format!("{}: {error}", self.path.display())))
    }

    fn search(&self, password: &str) -> io::Result<bool> {
        let wanted = digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        // The line looked for begins in [low, high).
        let (mut low, mut high) = (0, self.length);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.line_from(middle)? {
                Some(line) if line.start < high => match line.hash.as_slice().cmp(wanted.as_ref()) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = line.end,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }

    /// The first line that begins at `at` or after it.
    fn line_from(&self, at: u64) -> io::Result<Option<Line>> {
        let mut bytes = [0; 2 * LONGEST_LINE];
        let (from, skip) = match at.checked_sub(1) {
            Some(before) => (before, true),
            None => (0, false),
        };
        let length = read_at(&self.file, &mut bytes, from)?;
        let mut start = 0;
        if skip {
            // The line before ends here at the latest.
            match bytes[..length].iter().position(|byte| *byte == b'\n') {
                Some(newline) => start = newline + 1,
                None if length <= LONGEST_LINE => return Ok(None),
                None => return Err(malformed()),
            }
        }
        let rest = &bytes[start..length];
        if rest.is_empty() {
            return Ok(None);
        }
        let hash = rest.get(..HEX).ok_or_else(malformed)?;
        let ended = rest.get(HEX).is_none_or(|byte| matches!(byte, b':' | b'\r' | b'\n'));
        let mut parsed = [0; HASH_BYTES];
        if !ended || hex::decode_to_slice(hash, &mut parsed).is_err() {
            return Err(malformed());
        }
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(length, |newline| start + newline + 1);
        Ok(Some(Line { start: from + start as u64, end: from + end as u64, hash: parsed }))
    }
}

struct Line {
    start: u64,
    /// Where the next one begins.
    end: u64,
    hash: [u8; HASH_BYTES],
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a line is not HASH:COUNT with a SHA-1 hash in hexadecimal")
}

fn read_at(file: &File, bytes: &mut [u8], from: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match file.read_at(&mut bytes[length..], from + length as u64) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sha1(password: &str) -> String {
        hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()))
    }

    fn list(text: &str) -> Result<Breached, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Breached::open(file.path())
    }

    #[test]
    fn every_password_of_the_list_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 50, 1_000] {
            for ending in ["\n", "\r\n"] {
                for last in [true, false] {
                    let mut lines: Vec<String> =
                        (0..count).map(|n| format!("{}:{}", sha1(&format!("password {n}")), n * n * n)).collect();
                    lines.sort();
                    let mut text = lines.join(ending);
                    if last && count > 0 {
                        text.push_str(ending);
                    }
                    let list = list(&text).unwrap();
                    for n in 0..count {
                        assert!(list.contains(&format!("password {n}")).unwrap(), "{n} of {count}");
                        assert!(!list.contains(&format!("Password {n}")).unwrap(), "{n} of {count}");
                    }
                    assert!(!list.contains("").unwrap());
                }
            }
        }
    }

    #[test]
    fn bare_hashes_and_small_letters_are_read() {
        let mut lines = [sha1("a").to_lowercase(), sha1("b").to_lowercase(), sha1("c").to_lowercase()];
        lines.sort();
        let list = list(&lines.join("\n")).unwrap();
        assert!(list.contains("a").unwrap() && list.contains("b").unwrap() && list.contains("c").unwrap());
        assert!(!list.contains("d").unwrap());
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let long = "A".repeat(1_000);
        for text in ["hello\n", "password1\npassword2\n", &long, &format!("{}x\n", sha1("a"))] {
            let error = list(text).unwrap_err().to_string();
            assert!(error.contains("breached_file") && error.contains("HASH:COUNT"), "{error}");
        }
        assert!(Breached::open(Path::new("no/such/file")).is_err());
    }
}
