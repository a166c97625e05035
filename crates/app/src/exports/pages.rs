//! The pages of an archive that a person reads: Hebrew, right to left, without anything from outside.

use std::fmt::Write as _;

use crate::{calls::store::call, crm::exports::table::Words};

/// What an archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub customers: u64,
    pub notes: u64,
    pub tasks: u64,
    pub deals: u64,
    pub calls: u64,
    pub messages: u64,
    pub files: u64,
    pub recordings: u64,
    /// Recordings that the storage does not have any more.
    pub missing: u64,
}

const STYLE: &str = "body{font-family:system-ui,Arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.6;\
color:#1c1c1c}table{border-collapse:collapse;width:100%}th,td{border-block-end:1px solid #ddd;padding:.4rem;text-align:start;\
vertical-align:top}a{color:#0b57d0}.caller{font-weight:600}bdi{unicode-bidi:isolate}";

/// A text as HTML shows it.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"he\" dir=\"rtl\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body>\n{body}\n</body></html>\n",
        title = escaped(title),
    )
}

/// The first page: what there is, and where.
pub fn index(business: &str, made: &str, counts: Counts, call_pages: u64) -> String {
    let mut body = format!(
        "<h1>{} – כל הנתונים</h1>\n<p>הקובץ הופק ב־<bdi>{}</bdi>.</p>\n<table>\n",
        escaped(business),
        escaped(made)
    );
    let rows = [
        ("customers.csv", "לקוחות", counts.customers),
        ("notes.csv", "הערות", counts.notes),
        ("tasks.csv", "משימות", counts.tasks),
        ("deals.csv", "עסקאות", counts.deals),
        ("calls.csv", "שיחות", counts.calls),
        ("messages.csv", "הודעות", counts.messages),
    ];
    for (file, name, count) in rows {
        let _ = writeln!(body, "<tr><td><a href=\"{file}\">{name}</a></td><td>{count}</td></tr>");
    }
    let _ = writeln!(body, "<tr><td>הקלטות</td><td>{}</td></tr>\n</table>", counts.recordings);
    if counts.missing > 0 {
        let _ = writeln!(body, "<p>הקלטות שלא נמצאו באחסון: {}</p>", counts.missing);
    }
    if call_pages > 0 {
        body.push_str("<h2>השיחות, עם התמלול וההקלטה</h2>\n<p>");
        for number in 1..=call_pages {
            let _ = write!(body, "<a href=\"{}\">עמוד {number}</a> ", calls_name(number));
        }
        body.push_str("</p>\n");
    }
    body.push_str("<p>את קובצי ה־CSV אפשר לפתוח ב־Excel.</p>");
    page(business, &body)
}

/// The file of a page of calls; pages are numbered from 1.
pub fn calls_name(number: u64) -> String {
    format!("calls-{number}.html")
}

/// One call of a page.
pub struct CallLines<'c> {
    pub call: &'c call::Model,
    pub customer: &'c str,
    /// Who spoke and what was said.
    pub said: Vec<(&'static str, String)>,
    /// Files of the archive.
    pub sounds: Vec<String>,
}

pub fn calls(number: u64, calls: &[CallLines<'_>], words: &Words) -> String {
    let mut body = String::from("<p><a href=\"index.html\">חזרה</a></p>\n<h1>שיחות</h1>\n<table>\n");
    body.push_str("<tr><th>מתי</th><th>עם מי</th><th>סיכום ותמלול</th><th>הקלטה</th></tr>\n");
    for one in calls {
        let call = one.call;
        let other = if call.direction == "in" {
            &call.from_number
        } else {
            &call.to_number
        };
        let direction = if call.direction == "in" {
            "נכנסת"
        } else {
            "יוצאת"
        };
        let _ = writeln!(
            body,
            "<tr><td><bdi>{}</bdi><br>{direction}</td><td>{}<br><bdi dir=\"ltr\">{}</bdi></td><td>{}</td><td>{}</td></tr>",
            words.time(Some(call.started_at)),
            escaped(one.customer),
            escaped(other),
            transcript(one),
            sounds(&one.sounds),
        );
    }
    body.push_str("</table>");
    page(&format!("שיחות – עמוד {number}"), &body)
}

fn transcript(one: &CallLines<'_>) -> String {
    let mut text = escaped(one.call.summary.as_deref().unwrap_or_default());
    if one.said.is_empty() {
        return text;
    }
    text.push_str("<details><summary>תמלול</summary>");
    for (who, said) in &one.said {
        let _ = write!(text, "<p><span class=\"caller\">{who}:</span> {}</p>", escaped(said));
    }
    text.push_str("</details>");
    text
}

fn sounds(files: &[String]) -> String {
    let links = files
        .iter()
        .map(|file| format!("<a href=\"{}\">השמעה</a>", escaped(file)));
    links.collect::<Vec<_>>().join("<br>")
}
