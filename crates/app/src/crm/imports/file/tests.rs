use std::io::{Cursor, Write};

use bytes::Bytes;
use encoding_rs::WINDOWS_1255;
use proptest::prelude::*;

use super::*;

fn open(content: impl Into<Vec<u8>>) -> File {
    File::open(Bytes::from(content.into()), &CancellationToken::new()).expect("a file")
}

fn rows(file: &File) -> Vec<Vec<String>> {
    file.first(1_000)
        .expect("rows")
        .into_iter()
        .map(|row| row.cells)
        .collect()
}

fn refused(content: impl Into<Vec<u8>>) -> String {
    let opened = File::open(Bytes::from(content.into()), &CancellationToken::new());
    opened.and_then(|file| file.count()).expect_err("refused").errors[0]
        .code
        .clone()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

const TABLE: &str = "שם,טלפון\r\nדנה כהן,050-1234567\r\nיוסי,03-5551234\r\n";

#[test]
fn the_same_table_is_read_in_every_encoding() {
    let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
    for bytes in [
        TABLE.as_bytes().to_vec(),
        marked(b"\xef\xbb\xbf", TABLE.as_bytes().to_vec()),
        WINDOWS_1255.encode(TABLE).0.into_owned(),
        marked(b"\xff\xfe", utf16(TABLE, false)),
        marked(b"\xfe\xff", utf16(TABLE, true)),
        utf16(TABLE, false),
        utf16(TABLE, true),
    ] {
        let file = open(bytes);
        assert_eq!(file.columns(), ["שם", "טלפון"]);
        assert_eq!(rows(&file), [["דנה כהן", "050-1234567"], ["יוסי", "03-5551234"]]);
    }
}

#[test]
fn the_delimiter_is_found_and_line_breaks_stay_in_quotes() {
    for (delimiter, first) in [(",", ""), (";", ""), ("\t", ""), (";", "sep=;\r\n")] {
        let text = format!(
            "{first}Name{delimiter}Notes{delimiter}Phone\n\"Dana, \"\"D\"\"\"{delimiter}\"a\nb; c\"{delimiter}1\n\n x {delimiter}y\n"
        );
        let file = open(text);
        assert_eq!(file.columns(), ["Name", "Notes", "Phone"], "{delimiter:?}");
        let read = file.first(10).expect("rows");
        assert_eq!(read[0].cells, ["Dana, \"D\"", "a\nb; c", "1"]);
        assert_eq!(read[1].cells, ["x", "y"]);
        assert_eq!(read[0].number, 2);
    }
}

#[test]
fn what_our_own_export_disarmed_is_armed_again() {
    let file = open("שם,הערות\n'=1+1,'+לא\n'x,-\n");
    assert_eq!(rows(&file), [["=1+1", "+לא"], ["'x", "-"]]);
}

#[test]
fn columns_have_names_of_their_own() {
    let file = open("טלפון,טלפון,,שם,,\n1,2,3,4,,\n");
    assert_eq!(file.columns(), ["טלפון", "טלפון (2)", "#3", "שם"]);
}

#[test]
fn what_is_no_table_is_refused() {
    assert_eq!(refused(""), "empty_file");
    assert_eq!(refused(" \r\n \t"), "empty_file");
    assert_eq!(refused("שם,טלפון\r\n"), "empty_file");
    assert_eq!(refused("שם,טלפון\r\n , \r\n"), "empty_file");
    assert_eq!(
        refused(b"%PDF-1.7\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10".to_vec()),
        "not_a_table"
    );
    assert_eq!(refused(b"PK\x03\x04 and then nothing".to_vec()), "not_a_table");
    let long = format!("name\n{}", "x\n".repeat(200_001));
    assert_eq!(refused(long), "too_many_rows");
    let huge = File::open(Bytes::from(vec![b'a'; LARGEST_FILE + 1]), &CancellationToken::new()).expect_err("refused");
    assert_eq!(huge.status, 413);
}

fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().expect("a workbook")
}

#[test]
fn a_workbook_is_read_as_a_person_sees_it() {
    let bytes = workbook(|sheet| {
        sheet.write_string(1, 0, "שם").expect("written");
        sheet.write_string(1, 1, "נייד").expect("written");
        sheet.write_string(1, 3, "הערות").expect("written");
        sheet.write_string(2, 0, "דנה").expect("written");
        sheet.write_number(2, 1, 501_234_567.0).expect("written");
        sheet.write_number(4, 1, 972_501_234_567.0).expect("written");
        sheet.write_boolean(4, 3, true).expect("written");
    });
    let file = open(bytes);
    assert_eq!(file.kind(), Kind::Xlsx);
    assert_eq!(file.columns(), ["שם", "נייד", "#3", "הערות"]);
    let read = file.first(10).expect("rows");
    assert_eq!(read[0].cells, ["דנה", "501234567"]);
    assert_eq!(read[1].cells, ["", "972501234567", "", "true"]);
    assert_eq!((read[0].number, read[1].number), (3, 5));
}

#[test]
fn a_cell_far_away_makes_no_grid() {
    let bytes = workbook(|sheet| {
        sheet.write_string(0, 0, "שם").expect("written");
        sheet.write_string(1_048_575, 16_383, "x").expect("written");
        sheet.write_string(1_048_575, 0, "דנה").expect("written");
    });
    let file = open(bytes);
    assert_eq!(file.count().expect("counted"), 1);
    assert_eq!(file.first(1).expect("rows")[0].number, 1_048_576);
}

#[test]
fn a_bomb_is_not_unpacked() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/sharedStrings.xml", options).expect("begun");
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..80 {
        archive.write_all(&zeros).expect("written");
    }
    let bytes = archive.finish().expect("an archive").into_inner();
    assert!(bytes.len() < 1024 * 1024);
    assert_eq!(refused(bytes), "too_large_unpacked");
}

/// A workbook of these parts, whatever they are.
fn parts(parts: &[(&str, String)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, content) in parts {
        archive.start_file(*name, options).expect("begun");
        archive.write_all(content.as_bytes()).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A workbook whose sheets are one part each, or all the same one.
fn sheets(number: usize, part: impl Fn(usize) -> usize, contents: &[&str], texts: String) -> Vec<u8> {
    let of = |each: fn(usize, usize) -> String| (1..=number).map(|at| each(at, part(at))).collect::<String>();
    let listed = of(|at, _| format!(r#"<sheet name="s{at}" sheetId="{at}" r:id="r{at}"/>"#));
    let related = of(|at, part| {
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet";
        format!(r#"<Relationship Id="r{at}" Type="{kind}" Target="worksheets/sheet{part}.xml"/>"#)
    });
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
    let whole = format!(r#"<Relationship Id="w" Type="{office}" Target="xl/workbook.xml"/>"#);
    let mut all = vec![
        (
            "_rels/.rels".to_owned(),
            format!("<Relationships>{whole}</Relationships>"),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook><sheets>{listed}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!("<Relationships>{related}</Relationships>"),
        ),
        ("xl/sharedStrings.xml".to_owned(), texts),
    ];
    let sheet = |rows: &&str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    all.extend(
        (1..)
            .zip(contents.iter().map(sheet))
            .map(|(at, sheet)| (format!("xl/worksheets/sheet{at}.xml"), sheet)),
    );
    let all: Vec<(&str, String)> = all
        .iter()
        .map(|(name, content)| (name.as_str(), content.clone()))
        .collect();
    parts(&all)
}

const NO_TEXTS: &str = "<sst></sst>";
const TABLE_ROWS: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>שם</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>דנה</t></is></c></row>"#;

#[test]
fn a_table_is_looked_for_in_the_first_sheets_only() {
    let sound = sheets(2, |at| at, &["", TABLE_ROWS], NO_TEXTS.to_owned());
    assert_eq!(rows(&open(sound)), [["דנה"]]);
    let late = sheets(
        30,
        |at| if at == 25 { 2 } else { 1 },
        &["", TABLE_ROWS],
        NO_TEXTS.to_owned(),
    );
    assert_eq!(refused(late), "empty_file");
}

#[test]
fn a_part_is_not_unpacked_for_sheet_after_sheet() {
    // One that does not shrink when packed: each reading of it counts in full.
    let mut seed = 1_u64;
    let mut noise = String::new();
    while noise.len() < 400_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::fmt::Write::write_fmt(&mut noise, format_args!("<row><!--{seed}--></row>")).expect("room");
    }
    let sound = sheets(2, |at| at, &[&noise, TABLE_ROWS], NO_TEXTS.to_owned());
    assert_eq!(rows(&open(sound)), [["דנה"]]);
    let shared = sheets(
        20,
        |at| if at == 20 { 2 } else { 1 },
        &[&noise, TABLE_ROWS],
        NO_TEXTS.to_owned(),
    );
    assert_eq!(refused(shared), "not_a_table");
}

#[test]
fn a_table_of_texts_has_no_more_than_a_workbook_needs() {
    let entries = format!("<sst>{}</sst>", "<si/>".repeat(2_000_001));
    assert_eq!(
        refused(sheets(1, |at| at, &[TABLE_ROWS], entries)),
        "too_large_unpacked"
    );
    // the parser would make room for as many at once
    for padding in [String::new(), format!("a=\"{}\" ", "x".repeat(5_000))] {
        let said = format!(r#"<sst {padding}uniqueCount="90000000000000"></sst>"#);
        let bytes = sheets(1, |at| at, &[TABLE_ROWS], said);
        assert_eq!(refused(bytes), "too_large_unpacked");
    }
    let styles = (
        "xl/styles.xml",
        format!("<styleSheet>{}</styleSheet>", "<xf/>".repeat(1_000_001)),
    );
    assert_eq!(refused(parts(&[styles])), "too_large_unpacked");
}

#[test]
fn a_file_that_nobody_waits_for_is_not_read_on() {
    let stop = CancellationToken::new();
    let file = File::open(Bytes::from(TABLE.as_bytes()), &stop).expect("a file");
    assert_eq!(file.count().expect("counted"), 2);
    stop.cancel();
    assert_eq!(file.count().expect_err("stopped").code, "stopped");
    let bytes = workbook(|sheet| {
        sheet.write_string(0, 0, "שם").expect("written");
    });
    assert_eq!(
        File::open(Bytes::from(bytes), &stop).expect_err("stopped").code,
        "stopped"
    );
}

#[test]
fn a_line_that_is_folded_very_often_is_read_in_its_own_time() {
    let begun = std::time::Instant::now();
    for head in ["NOTE", "NOTE:", "NOTE;ENCODING=QUOTED-PRINTABLE:"] {
        let end = if head.ends_with("PRINTABLE:") { "a=" } else { "a" };
        let lines = format!("{head}{end}\n{}", format!(" {end}\n").repeat(400_000));
        let file = open(format!("BEGIN:VCARD\nFN:דנה\n{lines}\nEND:VCARD\n"));
        assert_eq!(file.count().expect("counted"), 1);
    }
    assert!(begun.elapsed().as_secs() < 60, "longer than its length");
}

#[test]
fn cards_of_every_version_are_read() {
    let cards = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D7=9B=D7=94=D7=9F;=D7=93=\r\n=D7=A0=D7=94;;;\r\n\
        TEL;CELL:050-123-4567\r\nTEL;HOME:035551234\r\nEMAIL;X-INTERNET:Dana@Example.com\r\nPHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n SkZJRg==\r\n\r\nEND:VCARD\r\n\
        BEGIN:VCARD\nVERSION:3.0\nFN:יוסי לוי\nN:לוי;יוסי;;;\nitem1.TEL;type=pref:+972 52-765-4321\nitem1.X-ABLabel:נייד\n\
        ORG:מוסך לוי;\nADR;TYPE=WORK:;;הרצל 1;חיפה;;;ישראל\nNOTE:שורה\\, אחת\\nשורה שתיים\nCATEGORIES:vip,מוסכים\nEND:VCARD\n\
        BEGIN:VCARD\nVERSION:4.0\nFN:רות\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+972-54-1112222;ext=5\nEND:VCARD\n";
    let file = open(cards);
    assert_eq!(file.kind(), Kind::Vcard);
    let read = rows(&file);
    assert_eq!(
        read[0][..3],
        ["דנה כהן", "050-123-4567 ::: 035551234", "Dana@Example.com"]
    );
    assert_eq!(
        read[1],
        [
            "יוסי לוי",
            "+972 52-765-4321",
            "",
            "מוסך לוי",
            "הרצל 1, חיפה, ישראל",
            "שורה, אחת\nשורה שתיים",
            "vip ::: מוסכים"
        ]
    );
    assert_eq!(read[2][..2], ["רות", "+972-54-1112222"]);
    assert_eq!(read.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_break_the_reading(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(file) = File::open(Bytes::from(bytes), &CancellationToken::new()) {
            let _ = file.count();
        }
    }

    #[test]
    fn no_card_breaks_the_reading(lines in proptest::collection::vec("[A-Za-z;=.:\"\\\\, א-ת]{0,30}", 0..12)) {
        let text = format!("BEGIN:VCARD\n{}\n", lines.join("\n"));
        let file = open(text);
        for row in file.first(100).expect("rows") {
            prop_assert!(row.cells.len() <= file.columns().len());
        }
    }
}
