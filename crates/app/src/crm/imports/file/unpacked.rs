//! What a workbook is when unpacked, before anybody believes a word of it.
//!
//! The parser holds texts, styles and sheets in memory, each behind a tag of a few bytes, and makes room for as many
//! texts as the file says it has; it unpacks a part again for every sheet that names it. So tags are counted here, and
//! [`Metered`] bounds how much of the file may be read in all.

use std::io::{Cursor, Error, Read, Result as IoResult, Seek, SeekFrom, Write, copy};

use bytes::Bytes;
use kernel::Problem;
use tokio_util::sync::CancellationToken;

use super::{stopped, unreadable};

/// What all parts of a workbook may be when unpacked.
const LARGEST_UNPACKED: u64 = 256 * 1024 * 1024;
/// The table of texts is held in memory.
const LARGEST_TEXTS: u64 = 64 * 1024 * 1024;
const TEXTS: &str = "sharedstrings.xml";
/// Texts of the table: ten for each row of the longest table.
const MOST_TEXTS: u64 = 2_000_000;
/// Tags that are neither cells nor text: styles, sheets, names.
const MOST_OTHER_TAGS: u64 = 1_000_000;
/// More parts than a workbook of tables has.
const MOST_PARTS: usize = 2_000;
/// As much of a tag is looked at.
const LONGEST_TAG: usize = 4 * 1024;
/// Where a table of texts says how long it is.
const SAYS_TEXTS: &[u8] = b"uniqueCount";

/// Unpacks every part into nothing: what a ZIP says of its own sizes is not believed.
pub fn check(bytes: &Bytes, stop: &CancellationToken) -> Result<(), Problem> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes.clone())).map_err(|_| damaged())?;
    if archive.len() > MOST_PARTS {
        return Err(too_large());
    }
    let (mut left, mut tags) = (LARGEST_UNPACKED, Tags::new(stop.clone()));
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|_| damaged())?;
        let is_texts = part.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with(TEXTS));
        let most = if is_texts { left.min(LARGEST_TEXTS) } else { left };
        let unpacked = copy(&mut part.take(most + 1), &mut tags);
        if stop.is_cancelled() {
            return Err(stopped());
        }
        if tags.are_too_many() || unpacked.as_ref().is_ok_and(|size| *size > most) {
            return Err(too_large());
        }
        left -= unpacked.map_err(|_| damaged())?;
    }
    Ok(())
}

/// Counts the tags of what is written to it, and ends the writing when they are too many.
struct Tags {
    stop: CancellationToken,
    /// The beginning of the tag that was opened last, and whether it is still open.
    tag: Vec<u8>,
    open: bool,
    texts: u64,
    others: u64,
}

impl Tags {
    const fn new(stop: CancellationToken) -> Self {
        Self {
            stop,
            tag: Vec::new(),
            open: false,
            texts: 0,
            others: 0,
        }
    }

    const fn are_too_many(&self) -> bool {
        self.texts > MOST_TEXTS || self.others > MOST_OTHER_TAGS
    }

    fn take(&mut self, byte: u8) {
        match byte {
            b'<' | b'>' => {
                if self.open {
                    self.count();
                }
                self.open = byte == b'<';
                self.tag.clear();
            }
            byte if self.open && self.tag.len() < LONGEST_TAG => self.tag.push(byte),
            _ => {}
        }
    }

    fn count(&mut self) {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
        let name = self.tag.split(ends).next().unwrap_or_default();
        match name.rsplit(|byte| *byte == b':').next().unwrap_or_default() {
            // the end of another one, or what stands in every row of a table
            b"" | b"row" | b"c" | b"v" | b"f" | b"is" | b"t" | b"r" | b"rPr" | b"sz" | b"color" | b"rFont"
            | b"family" | b"charset" | b"scheme" => {}
            b"si" => self.texts = self.texts.saturating_add(1),
            b"sst" if self.tag.len() == LONGEST_TAG => self.texts = u64::MAX,
            b"sst" => self.texts = self.texts.max(said(&self.tag)),
            _ => self.others += 1,
        }
    }
}

impl Write for Tags {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        for byte in bytes {
            self.take(*byte);
        }
        if self.are_too_many() || self.stop.is_cancelled() {
            return Err(Error::other("enough"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> IoResult<()> {
        Ok(())
    }
}

/// How many texts a table says that it has; the parser makes room for so many at once.
fn said(tag: &[u8]) -> u64 {
    let mut windows = tag.windows(SAYS_TEXTS.len());
    let Some(at) = windows.position(|window| window == SAYS_TEXTS) else {
        return 0;
    };
    let rest = tag.iter().skip(at + SAYS_TEXTS.len());
    let digits = rest.skip_while(|byte| !byte.is_ascii_digit());
    digits
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        })
}

/// The bytes of a workbook, for a parser that may read them a few times over and no more, and for no longer than
/// somebody waits for it.
pub struct Metered {
    bytes: Cursor<Bytes>,
    left: u64,
    stop: CancellationToken,
}

/// How often a workbook may be read in full: once, with some of its parts again.
const READINGS: u64 = 3;
/// What looking up the parts takes, however small the workbook.
const LOOKING_UP: u64 = 256 * 1024;

impl Metered {
    pub fn new(bytes: &Bytes, stop: &CancellationToken) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self {
            bytes: Cursor::new(bytes.clone()),
            left: size.saturating_mul(READINGS).saturating_add(LOOKING_UP),
            stop: stop.clone(),
        }
    }
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> IoResult<usize> {
        if self.stop.is_cancelled() || self.left == 0 {
            return Err(Error::other("enough"));
        }
        let read = self.bytes.read(buffer)?;
        self.left = self.left.saturating_sub(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> IoResult<u64> {
        self.bytes.seek(to)
    }
}

pub fn damaged() -> Problem {
    unreadable("not_a_table", "the file is no XLSX workbook, or it is damaged")
}

fn too_large() -> Problem {
    unreadable("too_large_unpacked", "the workbook is too large when unpacked")
}
