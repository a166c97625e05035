use std::io::{Cursor, Write};

use bytes::Bytes;
use encoding_rs::WINDOWS_1255;
use proptest::prelude::*;

use super::*;

fn open(content: impl Into<Vec<u8>>) -> File {
    File::open(Bytes::from(content.into())).expect("a file")
}

fn rows(file: &File) -> Vec<Vec<String>> {
    file.first(1_000)
        .expect("rows")
        .into_iter()
        .map(|row| row.cells)
        .collect()
}

fn refused(content: impl Into<Vec<u8>>) -> String {
    let opened = File::open(Bytes::from(content.into()));
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
    let huge = File::open(Bytes::from(vec![b'a'; LARGEST_FILE + 1])).expect_err("refused");
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
        if let Ok(file) = File::open(Bytes::from(bytes)) {
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
