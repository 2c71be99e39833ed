//! A zip of one program, the same bytes for the same program (APPNOTE.TXT 6.3, sections 4.3 and 4.5).

use anyhow::{Context, Result};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// Version 2.0, which is where deflate came.
const VERSION: u16 = 20;
/// Made on Unix: the upper half of the outer attributes is a mode.
const UNIX: u16 = 3 << 8 | VERSION;
const DEFLATE: u16 = 8;
/// 1 January 1980, the first day that there is; at midnight.
const DAY: u16 = 1 << 5 | 1;
/// A plain file that everybody may run.
const MODE: u32 = 0o100_755 << 16;

/// A zip with one file that may be run.
///
/// # Errors
/// Where the file has 4 GB or more.
pub(super) fn of_one(name: &str, content: &[u8]) -> Result<Vec<u8>> {
    let packed = deflate(content)?;
    let size = |bytes: usize| u32::try_from(bytes).context("the program is too large for a zip");
    let mut crc = Crc::new();
    crc.update(content);
    // What the local head and the directory have in common.
    let mut about = Vec::new();
    shorts(&mut about, &[VERSION, 0, DEFLATE, 0, DAY]);
    longs(
        &mut about,
        &[crc.sum(), size(packed.len())?, size(content.len())?],
    );
    shorts(&mut about, &[u16::try_from(name.len())?, 0]);

    let mut zip = Vec::with_capacity(packed.len() + 200);
    longs(&mut zip, &[LOCAL]);
    zip.extend(&about);
    zip.extend(name.as_bytes());
    zip.extend(packed);
    let directory_at = size(zip.len())?;
    longs(&mut zip, &[CENTRAL]);
    shorts(&mut zip, &[UNIX]);
    zip.extend(&about);
    shorts(&mut zip, &[0, 0, 0]);
    longs(&mut zip, &[MODE, 0]);
    zip.extend(name.as_bytes());
    let directory_bytes = size(zip.len())? - directory_at;
    longs(&mut zip, &[END]);
    shorts(&mut zip, &[0, 0, 1, 1]);
    longs(&mut zip, &[directory_bytes, directory_at]);
    shorts(&mut zip, &[0]);
    Ok(zip)
}

fn deflate(content: &[u8]) -> Result<Vec<u8>> {
    let mut compress = Compress::new(Compression::best(), false);
    // Room for what cannot be packed: five bytes for each block of it.
    let mut packed = Vec::with_capacity(content.len() + content.len() / 1_000 + 1_000);
    let status = compress.compress_vec(content, &mut packed, FlushCompress::Finish)?;
    anyhow::ensure!(
        status == Status::StreamEnd,
        "the program could not be packed"
    );
    Ok(packed)
}

fn shorts(out: &mut Vec<u8>, values: &[u16]) {
    for value in values {
        out.extend(value.to_le_bytes());
    }
}

fn longs(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend(value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::Command;

    #[test]
    fn another_program_unpacks_it_as_it_was_and_may_run_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("function.zip");
        let content = [
            b"#!/bin/sh\n".to_vec(),
            (0..=255).cycle().take(100_000).collect(),
        ]
        .concat();
        let zip = of_one("bootstrap", &content).unwrap();
        assert!(zip.len() < content.len() / 10, "it is packed");
        std::fs::File::create(&path)
            .unwrap()
            .write_all(&zip)
            .unwrap();
        let look = "import sys, zipfile\n\
                    z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None\n\
                    (i,) = z.infolist(); assert i.external_attr >> 16 == 0o100755, oct(i.external_attr)\n\
                    sys.stdout.buffer.write(z.read('bootstrap'))";
        let unpacked = Command::new("python3")
            .args(["-c", look])
            .arg(&path)
            .output()
            .unwrap();
        assert!(
            unpacked.status.success(),
            "{}",
            String::from_utf8_lossy(&unpacked.stderr)
        );
        assert!(unpacked.stdout == content);
    }
}
