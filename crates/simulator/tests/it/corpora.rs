//! The bodies of the fuzz targets over their committed corpora: what was found once stays found, and the targets stay alive,
//! without a fuzzer.

use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "it is a crate of its own too")]
mod fuzz;

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry of a folder").path()).collect();
    files.sort();
    files
}

fn replay(name: &str) {
    let (_, target) = fuzz::TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files = files(&corpus);
    assert!(files.len() >= 3, "{} has {} files", corpus.display(), files.len());
    for file in files {
        // The panic's message does not say which file it was.
        println!("{}", file.display());
        target(&std::fs::read(&file).expect("a file of the corpus"));
    }
    // The bytes that every fuzzer begins with.
    target(&[]);
    target(&[0]);
}

macro_rules! replays {
    ($($name:ident),+) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )+

        /// Every target is replayed, and has a binary for the fuzzer.
        #[test]
        fn no_target_is_forgotten() {
            let names = [$(stringify!($name)),+];
            assert_eq!(fuzz::TARGETS.map(|(name, _)| name), names);
            let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/targets");
            let stems: Vec<_> = files(&targets).iter().map(|file| file.file_stem().unwrap().to_owned()).collect();
            assert_eq!(stems, names);
        }
    };
}
replays!(codec, commands, decimal, journal, restore, signed_request);
