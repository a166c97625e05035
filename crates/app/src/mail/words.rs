//! What letters say, in Hebrew: as text, and the same as a page that reads from right to left.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use url::Url;

use super::{Message, SendMail};
use crate::App;

pub(super) struct Words {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
    /// Tells letters of the same job's number in another database apart.
    pub(super) mark: String,
}

/// A paragraph, or the one thing to do.
enum Part {
    Text(String),
    Link { words: &'static str, to: String },
}

/// `None` when there is nothing to send any more; the log says why.
pub(super) fn of(app: &App, mail: &SendMail) -> Option<Words> {
    let (subject, parts) = match &mail.message {
        Message::PasswordReset {
            name,
            sealed_token,
            until,
        } => {
            let link = one_time(app, &mail.to, "/reset", sealed_token, *until)?;
            password_reset(name, link.into())
        }
        Message::PasswordChanged { name } => password_changed(name),
        Message::Invitation {
            name,
            business,
            sealed_token,
            until,
        } => {
            let link = one_time(app, &mail.to, "/invite", sealed_token, *until)?;
            invitation(name, business, link.into())
        }
        Message::News {
            name,
            title,
            link,
            others,
        } => {
            let link = app
                .settings
                .public_base_url
                .as_ref()
                .and_then(|url| url.join(link).ok());
            news(name, title, link.map(Into::into), *others)
        }
    };
    Some(Words {
        text: plain(&parts),
        html: page(&subject, &parts),
        mark: mark(mail),
        subject,
    })
}

/// The address with the token of a letter. `None` when it would be of no use; the log says why.
fn one_time(app: &App, to: &str, path: &str, sealed_token: &str, until: DateTime<Utc>) -> Option<Url> {
    if until <= app.clock.now() {
        tracing::warn!("no mail went: its link has run out");
        return None;
    }
    let Some(public) = &app.settings.public_base_url else {
        tracing::warn!("no mail went: PUBLIC_BASE_URL is not set, and a link needs it");
        return None;
    };
    let Some(token) = app.seals.mail.open(to, sealed_token) else {
        tracing::error!("no mail went: its link was sealed under another SECRET_KEY");
        return None;
    };
    let mut link = public.clone();
    link.set_path(path);
    link.query_pairs_mut()
        .append_pair("token", &String::from_utf8_lossy(&token));
    Some(link)
}

fn password_reset(name: &str, link: String) -> (String, Vec<Part>) {
    let parts = vec![
        Part::Text(format!("שלום {name},")),
        Part::Text("התקבלה בקשה לבחור סיסמה חדשה לחשבון שלך ב-AgentLocator.".to_owned()),
        Part::Link {
            words: "בחירת סיסמה חדשה",
            to: link,
        },
        Part::Text("הקישור תקף ל-30 דקות ולשימוש אחד בלבד.".to_owned()),
        Part::Text("אם הבקשה לא נשלחה על ידך, אפשר להתעלם מההודעה: הסיסמה לא תשתנה.".to_owned()),
    ];
    ("בחירת סיסמה חדשה".to_owned(), parts)
}

fn password_changed(name: &str) -> (String, Vec<Part>) {
    let parts = vec![
        Part::Text(format!("שלום {name},")),
        Part::Text("הסיסמה לחשבון שלך ב-AgentLocator הוחלפה, וכל החיבורים הקודמים נותקו.".to_owned()),
        Part::Text("אם ההחלפה לא נעשתה על ידך, יש לבחור סיסמה חדשה מיד ולפנות לבעלי העסק.".to_owned()),
    ];
    ("הסיסמה הוחלפה".to_owned(), parts)
}

fn invitation(name: &str, business: &str, link: String) -> (String, Vec<Part>) {
    let parts = vec![
        Part::Text(format!("שלום {name},")),
        Part::Text(format!("הוזמנת להצטרף לצוות של {business} ב-AgentLocator.")),
        Part::Link {
            words: "בחירת סיסמה והצטרפות",
            to: link,
        },
        Part::Text("הקישור תקף לשבעה ימים ולשימוש אחד בלבד.".to_owned()),
        Part::Text("אם אין לך היכרות עם העסק, אפשר להתעלם מההודעה.".to_owned()),
    ];
    (format!("הזמנה להצטרף אל {}", one_line(business)), parts)
}

fn news(name: &str, title: &str, link: Option<String>, others: usize) -> (String, Vec<Part>) {
    let mut parts = vec![Part::Text(format!("שלום {name},")), Part::Text(title.to_owned())];
    match others {
        0 => {}
        1 => parts.push(Part::Text("ועוד עדכון אחד ממתין לך.".to_owned())),
        2 => parts.push(Part::Text("ועוד שני עדכונים ממתינים לך.".to_owned())),
        many => parts.push(Part::Text(format!("ועוד {many} עדכונים ממתינים לך."))),
    }
    parts.extend(link.map(|to| Part::Link {
        words: "פתיחה ב-AgentLocator",
        to,
    }));
    parts.push(Part::Text(
        "אפשר לבחור אילו עדכונים מגיעים בדואר במסך ההתראות.".to_owned(),
    ));
    (one_line(title), parts)
}

/// Fit for a subject.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(parts: &[Part]) -> String {
    let lines = parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Link { words, to } => format!("{words}:\n{to}"),
    });
    let mut text = lines.collect::<Vec<_>>().join("\n\n");
    text.push('\n');
    text
}

fn page(subject: &str, parts: &[Part]) -> String {
    let body: String = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => format!("<p style=\"margin:0 0 16px\">{}</p>\n", escaped(text)),
            Part::Link { words, to } => format!(
                "<p style=\"margin:0 0 16px\"><a href=\"{}\" style=\"display:inline-block;padding:10px 20px;\
                 border-radius:8px;background:#1f2937;color:#ffffff;text-decoration:none\">{words}</a></p>\n",
                escaped(to)
            ),
        })
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"he\" dir=\"rtl\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body dir=\"rtl\" style=\"margin:0;padding:24px;text-align:right;font-family:Arial,sans-serif;font-size:16px;\
         line-height:1.5;color:#1f2937\">\n{body}</body>\n</html>\n",
        escaped(subject)
    )
}

/// A name is somebody's own words.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn mark(mail: &SendMail) -> String {
    let about = match &mail.message {
        Message::PasswordReset { sealed_token, .. } | Message::Invitation { sealed_token, .. } => sealed_token.as_str(),
        Message::PasswordChanged { name } => name.as_str(),
        Message::News { title, .. } => title.as_str(),
    };
    let mut digest = hex::encode(Sha256::digest(format!("{}\n{about}", mail.to)));
    digest.truncate(16);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bodies_say_the_same_and_a_name_is_no_markup() {
        let link = "https://agent.example.com/reset?token=ab".to_owned();
        let (subject, parts) = password_reset("<b>דנה</b> & \"נועה\"", link.clone());
        let (text, html) = (plain(&parts), page(&subject, &parts));
        assert!(text.contains(&link) && html.contains(&link));
        assert!(text.contains("<b>דנה</b>"));
        assert!(html.contains("&lt;b&gt;דנה&lt;/b&gt; &amp; &quot;נועה&quot;") && !html.contains("<b>"));
        assert!(html.contains("dir=\"rtl\"") && html.contains("lang=\"he\""));
        assert!(text.contains("30 דקות") && html.contains("30 דקות"));
    }
}
