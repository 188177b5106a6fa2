//! Makes the messages, servers and clients of the gRPC door from `proto/` with a compiler in Rust: no `protoc` is needed.

#![allow(clippy::print_stdout, reason = "a build script speaks to cargo on standard output")]

use std::error::Error;
use std::path::{Path, PathBuf};

const FILES: [&str; 3] = ["rialto/v1/trading.proto", "rialto/v1/market.proto", "rialto/v1/account.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    // Asked at run time: a build folder that several checkouts share keeps this program, and its sources may have moved.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let root = Path::new(&here).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut compiler = protox::Compiler::new([root])?;
    compiler.include_imports(true).include_source_info(true).open_files(FILES)?;
    // What reflection shows, comments included.
    std::fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure().build_transport(false).out_dir(out).compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
