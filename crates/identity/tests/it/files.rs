//! Files that are what they say, and files that are something else as well.

use std::sync::Arc;

use identity::{DocumentError, Documents, Error, MediaType, open_store};
use runtime::entropy::SystemRandom;
use runtime::secrets::SealingKey;

use super::api_keys::NOW_US;
use super::documents::passport;

/// A picture in colours of this size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().unwrap();
    let pixels: Vec<u8> = (0..width * height * 3).map(|at| at.to_le_bytes()[0]).collect();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A picture in one scan.
pub(crate) fn jpeg() -> Vec<u8> {
    include_bytes!("../files/baseline.jpg").to_vec()
}

/// A document of one empty page.
pub(crate) fn pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ];
    let mut text = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(text.len());
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let table = text.len();
    text.push_str("xref\n0 4\n0000000000 65535 f \n");
    for place in places {
        text.push_str(&format!("{place:010} 00000 n \n"));
    }
    text.push_str(&format!("trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    text.into_bytes()
}

/// A ZIP archive of nothing: the end of its directory.
fn zip() -> Vec<u8> {
    [&b"PK\x05\x06"[..], &[0; 18]].concat()
}

/// A picture with a segment or chunk of text after its beginning.
fn with_comment(picture: &[u8], comment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
    [&picture[..2], &[0xFF, 0xFE], &length, comment, &picture[2..]].concat()
}

fn with_text(picture: &[u8], text: &[u8]) -> Vec<u8> {
    let chunk = [b"tEXtComment\0", text].concat();
    let length = u32::try_from(chunk.len() - 4).unwrap().to_be_bytes();
    let checksum = crc32fast::hash(&chunk).to_be_bytes();
    // After the signature and the header chunk.
    [&picture[..33], &length, &chunk, &checksum, &picture[33..]].concat()
}

/// The pixels of a PNG with another size in its header: a small file that says it is large.
fn with_size(picture: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = picture.to_vec();
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let checksum = crc32fast::hash(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&checksum);
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_files_that_are_one_thing_are_taken() {
    let test = db::testing::sqlite().await;
    db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path(), None).unwrap();
    let documents =
        Documents::new(test.db.clone(), store, SealingKey::from_bytes(&[3; 32]), Arc::new(SystemRandom::new()));
    let (jpeg, png, pdf) = (jpeg(), png(32, 32), pdf());
    let plus = |bytes: &[u8], tail: &[u8]| [bytes, tail].concat();
    let text = String::from_utf8(pdf.clone()).unwrap();
    let php = b"<?php system($_GET['c']); ?>";
    for (what, bytes) in [
        ("text", b"a passport, honestly".to_vec()),
        ("a page", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
        ("a GIF that is a script", b"GIF89a=0;alert(1)//".to_vec()),
        ("a ZIP", zip()),
        ("an SVG", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
        ("a JPEG with PHP behind", plus(&jpeg, php)),
        ("a JPEG with a byte behind", plus(&jpeg, b"\0")),
        ("a JPEG with a ZIP behind", plus(&jpeg, &zip())),
        ("two JPEGs", plus(&jpeg, &jpeg)),
        ("a JPEG with PHP inside", with_comment(&jpeg, php)),
        ("a JPEG with a page inside", with_comment(&jpeg, b"<HTML><ScRiPt src=x>")),
        ("a JPEG with a ZIP inside", with_comment(&jpeg, &zip())),
        ("half a JPEG", jpeg[..jpeg.len() / 2].to_vec()),
        ("half a JPEG with an end", plus(&jpeg[..jpeg.len() / 2], b"\xFF\xD9")),
        ("the beginning of a JPEG", b"\xFF\xD8\xFF\xD9".to_vec()),
        ("a PNG with PHP behind", plus(&png, php)),
        ("a PNG with a ZIP behind", plus(&png, &zip())),
        ("a PNG with PHP inside", with_text(&png, php)),
        ("a PNG with a ZIP inside", with_text(&png, &zip())),
        ("half a PNG", png[..png.len() / 2].to_vec()),
        ("a PNG without its end", png[..png.len() - 12].to_vec()),
        ("a PNG with a changed pixel", {
            let mut bytes = png.clone();
            bytes[60] ^= 1;
            bytes
        }),
        ("a PNG that says it is huge", with_size(&png, 100_000, 100_000)),
        ("a PNG that says it is large", with_size(&png, 7_000, 7_000)),
        ("a PDF with a ZIP behind", plus(&pdf, &zip())),
        ("a PDF with a page behind", plus(&pdf, b"<html>")),
        ("a PDF with two line ends and more", plus(&pdf, b"\n\n\n")),
        ("a PDF with another behind", plus(&pdf, b"startxref\n99999\n%%EOF\n")),
        ("a PDF behind a script", plus(b"alert(1);//", &pdf)),
        ("a PDF with a ZIP inside", text.replace("trailer", "PK\u{5}\u{6}\u{0}trailer").into_bytes()),
        ("a PDF with a page inside", text.replace("/MediaBox", "<script>/MediaBox").into_bytes()),
        (
            "a PDF that runs a script",
            text.replace("/Pages 2", "/OpenAction << /S /JavaScript /JS (x) >> /Pages 2").into_bytes(),
        ),
        ("a PDF that starts a program", text.replace("/Pages 2", "/AA << /S /Launch >> /Pages 2").into_bytes()),
        ("a PDF with a file in it", text.replace("/Pages 2", "/EmbeddedFiles 9 0 R /Pages 2").into_bytes()),
        ("a PDF whose table is elsewhere", text.replace("startxref\n", "startxref\n1").into_bytes()),
        ("a PDF that was sent as text", text.replace('\n', "\r\n").into_bytes()),
        ("a PDF without an end", text.replace("%%EOF\n", "").into_bytes()),
        ("a PDF of no version", text.replace("%PDF-1.7", "%PDF-x.y").into_bytes()),
    ] {
        let error = documents.upload(7, passport("passport.jpg"), bytes, NOW_US).await.unwrap_err();
        assert!(matches!(error, Error::Document(DocumentError::Content(_))), "{what}: {error}");
    }
    assert!(documents.list(7).await.unwrap().is_empty());
    for (bytes, media_type) in [
        (with_comment(&jpeg, b"taken in Lisbon"), MediaType::Jpeg),
        (include_bytes!("../files/progressive.jpg").to_vec(), MediaType::Jpeg),
        (with_text(&png, b"scanned"), MediaType::Png),
        (text.trim_end().as_bytes().to_vec(), MediaType::Pdf),
        (format!("{}\r\n", text.trim_end()).into_bytes(), MediaType::Pdf),
    ] {
        assert_eq!(documents.upload(7, passport("x"), bytes, NOW_US).await.unwrap().media_type, media_type);
    }
}
