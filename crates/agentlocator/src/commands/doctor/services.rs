//! What is outside: Twilio with its webhooks, the engines, our own public address.

use std::time::Duration;

use kernel::ExposeSecret;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use super::{Report, Verdict};
use crate::config::{ModelSettings, Origin, Settings};

/// For one service. The doctor is waited for by a person.
const LIMIT: Duration = Duration::from_secs(10);
/// Numbers of the account that are looked at.
const MOST_NUMBERS: &str = "100";

pub(super) async fn check(http: &Client, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    check_public(http, settings, report).await?;
    check_twilio(http, settings, report).await?;
    check_mail(settings, report).await?;
    let engines = &settings.engines;
    for (about, model) in [
        ("hearing", &engines.stt),
        ("thinking", &engines.llm),
        ("speaking", &engines.tts),
    ] {
        check_model(http, settings, about, model, report).await?;
    }
    if engines.tts_order.iter().any(|name| name == "gtts") {
        match ask(http.get(engines.gtts_base_url.clone())).await {
            Ok(_) => report.say(Verdict::Good, "gtts", "answers")?,
            Err(why) => report.say(Verdict::Doubtful, "gtts", &format!("{why}; the next voice is used"))?,
        }
    }
    Ok(())
}

async fn check_mail(settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let about = "mail";
    let Some(mailer) = crate::engines::mail(settings)? else {
        let what = "SMTP_URL is not set: nobody can be sent a link for a new password";
        return report.say(Verdict::Doubtful, about, what);
    };
    match mailer.check().await {
        Ok(()) => report.say(Verdict::Good, about, "the mail server answers and lets us in"),
        Err(fault) => report.say(Verdict::Broken, about, &fault.to_string()),
    }
}

/// The status and the JSON of an answer, or why there is none.
pub(super) async fn ask(request: RequestBuilder) -> Result<(StatusCode, Value), String> {
    let answer = request.timeout(LIMIT).send().await.map_err(|why| {
        if why.is_timeout() {
            "does not answer in time".to_owned()
        } else {
            "can not be reached".to_owned()
        }
    })?;
    let status = answer.status();
    Ok((status, answer.json().await.unwrap_or(Value::Null)))
}

async fn check_public(http: &Client, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let about = "public URL";
    let Some(origin) = &settings.http.public_base_url else {
        return report.say(
            Verdict::Doubtful,
            about,
            "PUBLIC_BASE_URL is not set: callers leave messages, there is no conversation",
        );
    };
    match ask(http.get(format!("{origin}/version"))).await {
        Ok((_, version)) if version.pointer("/app").is_some_and(|app| app == "agentlocator") => {
            report.say(Verdict::Good, about, "reaches a server of ours")
        }
        Ok((status, _)) => report.say(
            Verdict::Broken,
            about,
            &format!("{origin} answers {status}, but that is not this program"),
        ),
        Err(why) => report.say(
            Verdict::Broken,
            about,
            &format!("{origin} {why} (is the server running?)"),
        ),
    }
}

async fn check_twilio(http: &Client, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let about = "Twilio";
    let twilio = &settings.twilio;
    let (Some(sid), Some(token)) = (&twilio.account_sid, &twilio.auth_token) else {
        return report.say(
            Verdict::Doubtful,
            about,
            "not configured: webhooks are not verified, no calls can be placed",
        );
    };
    let base = twilio.api_base.as_str().trim_end_matches('/');
    let url = format!("{base}/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json?PageSize={MOST_NUMBERS}");
    match ask(http.get(url).basic_auth(sid, Some(token.expose_secret()))).await {
        Err(why) => report.say(Verdict::Broken, about, &format!("{base} {why}")),
        Ok((StatusCode::UNAUTHORIZED, _)) => report.say(
            Verdict::Broken,
            about,
            "refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN",
        ),
        Ok((status, _)) if !status.is_success() => report.say(Verdict::Broken, about, &format!("answers {status}")),
        Ok((_, answer)) => {
            report.say(Verdict::Good, about, "accepts the account")?;
            let numbers = answer
                .pointer("/incoming_phone_numbers")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            check_numbers(&numbers, settings.http.public_base_url.as_ref(), report)
        }
    }
}

/// Whether each number of the account leads here.
fn check_numbers(numbers: &[Value], origin: Option<&Origin>, report: &mut Report) -> anyhow::Result<()> {
    let Some(origin) = origin else { return Ok(()) };
    for number in numbers {
        let name = number
            .pointer("/phone_number")
            .and_then(Value::as_str)
            .unwrap_or("a number");
        for (field, path) in [
            ("voice_url", "/webhook/incoming_call"),
            ("status_callback", "/webhook/call_status"),
        ] {
            let wanted = format!("{origin}{path}");
            let set = number.get(field).and_then(Value::as_str).unwrap_or_default();
            if set == wanted {
                report.say(Verdict::Good, name, &format!("{field} is right"))?;
            } else {
                let set = if set.is_empty() { "nothing" } else { set };
                report.say(
                    Verdict::Doubtful,
                    name,
                    &format!("{field} is {set}; to be answered here it must be {wanted}"),
                )?;
            }
        }
    }
    Ok(())
}

async fn check_model(
    http: &Client,
    settings: &Settings,
    about: &str,
    model: &ModelSettings,
    report: &mut Report,
) -> anyhow::Result<()> {
    if !model.usable {
        return report.say(Verdict::Doubtful, about, "no engine but the embedded one is configured");
    }
    let mut request = http.get(models(&model.base_url));
    if let Some(key) = &settings.engines.openai_api_key {
        request = request.bearer_auth(key.expose_secret());
    }
    let base = &model.base_url;
    match ask(request).await {
        Err(why) => report.say(Verdict::Broken, about, &format!("{base} {why}")),
        Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => {
            report.say(Verdict::Broken, about, &format!("{base} refuses OPENAI_API_KEY"))
        }
        Ok((status, answer)) => {
            let listed = answer.pointer("/data").and_then(Value::as_array);
            let known = listed.is_none_or(|all| {
                all.iter()
                    .any(|one| one.get("id").is_some_and(|id| id == model.model.as_str()))
            });
            match (status.is_success(), known) {
                (true, true) => report.say(Verdict::Good, about, &format!("{base} answers")),
                (true, false) => report.say(
                    Verdict::Doubtful,
                    about,
                    &format!("{base} does not list {}", model.model),
                ),
                // A small local server need not have a list.
                (false, _) => report.say(
                    Verdict::Doubtful,
                    about,
                    &format!("{base} answers {status} when asked for its models"),
                ),
            }
        }
    }
}

fn models(base: &Url) -> String {
    format!("{}/models", base.as_str().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Settings;

    #[test]
    fn a_number_that_leads_elsewhere_breaks_nothing_and_is_told() {
        let settings =
            Settings::read(&[("PUBLIC_BASE_URL", "https://a.example.com")].into_iter().collect()).expect("sound");
        let mut report = Report { broken: false };
        let numbers = [json!({ "phone_number": "+97231234567", "voice_url": "https://b.example.com/x" })];
        check_numbers(&numbers, settings.http.public_base_url.as_ref(), &mut report).expect("printed");
        assert!(!report.broken);
    }
}
