//! The reference of settings is generated and committed.

use std::path::Path;

use crate::harness::program;

#[test]
fn the_committed_reference_is_what_the_program_prints() {
    for (arguments, file) in [(&["settings"][..], "docs/settings.md"), (&["settings", "--toml"], "rialto.example.toml")]
    {
        let output = program().args(arguments).output().unwrap();
        assert!(output.status.success());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == String::from_utf8(output.stdout).unwrap(),
            "{file} is out of date; run `cargo run -p rialto -- {} > {file}`",
            arguments.join(" ")
        );
    }
}
