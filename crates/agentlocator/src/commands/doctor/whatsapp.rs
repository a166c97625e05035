//! WhatsApp's ways: whether each that is on answers, and what is to be entered at its company.

use contracts::whatsapp::Carrier;
use kernel::ExposeSecret;
use reqwest::{Client, StatusCode};

use super::{Report, Verdict, services::ask};
use crate::config::Settings;

pub(super) async fn check(http: &Client, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let enabled = &settings.whatsapp.enabled;
    if enabled.is_empty() {
        return report.say(
            Verdict::Good,
            "WhatsApp",
            "is off: none of its three ways is configured",
        );
    }
    for carrier in enabled {
        match carrier {
            Carrier::Baileys => check_bridge(http, settings, report).await?,
            Carrier::Twilio => enter(
                settings,
                report,
                "WA Twilio",
                "when a message comes in",
                "/webhook/whatsapp/twilio",
            )?,
            Carrier::Meta => check_meta(http, settings, report).await?,
        }
    }
    Ok(())
}

async fn check_bridge(http: &Client, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let about = "WA bridge";
    let bridge = settings.whatsapp.bridge.as_str().trim_end_matches('/');
    match ask(http.get(format!("{bridge}/health"))).await {
        Ok((status, _)) if status.is_success() => report.say(Verdict::Good, about, "answers"),
        Ok((status, _)) => {
            let what = format!("{bridge} answers {status}, but that is not the bridge: see WA_BAILEYS_PORT");
            report.say(Verdict::Broken, about, &what)
        }
        Err(why) => {
            let what = format!("{bridge} {why}: start_all.sh starts it beside the server (baileys-bridge/README.md)");
            report.say(Verdict::Broken, about, &what)
        }
    }
}

async fn check_meta(http: &Client, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let about = "WA Meta";
    let whatsapp = &settings.whatsapp;
    let (Some(id), Some(token)) = (&whatsapp.meta_phone_number_id, &whatsapp.meta_token) else {
        return report.say(
            Verdict::Broken,
            about,
            "META_WA_TOKEN or META_WA_PHONE_NUMBER_ID is missing",
        );
    };
    let base = whatsapp.meta_api_base.as_str().trim_end_matches('/');
    let url = format!("{base}/{}/{id}?fields=display_phone_number", whatsapp.meta_api_version);
    match ask(http.get(url).bearer_auth(token.expose_secret())).await {
        Ok((status, _)) if status.is_success() => report.say(Verdict::Good, about, "accepts the token")?,
        Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _)) => {
            report.say(Verdict::Broken, about, "refuses META_WA_TOKEN")?;
        }
        Ok((status, _)) => {
            let what = format!("answers {status} when asked for META_WA_PHONE_NUMBER_ID");
            report.say(Verdict::Broken, about, &what)?;
        }
        Err(why) => report.say(Verdict::Broken, about, &format!("{base} {why}"))?,
    }
    if whatsapp.meta_verify_token.is_none() {
        let what = "META_VERIFY_TOKEN is not set: Meta cannot verify the webhook's address";
        report.say(Verdict::Doubtful, about, what)?;
    }
    enter(settings, report, about, "callback URL", "/webhook/whatsapp/meta")
}

/// What a person types there, for we cannot look.
fn enter(settings: &Settings, report: &mut Report, about: &str, field: &str, path: &str) -> anyhow::Result<()> {
    match &settings.http.public_base_url {
        Some(origin) => report.say(Verdict::Good, about, &format!("{field}: {origin}{path}")),
        None => report.say(
            Verdict::Doubtful,
            about,
            "PUBLIC_BASE_URL is not set: messages cannot come in",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bridge_that_is_not_there_is_told() {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("it")
            .port();
        let variables = [
            ("WA_SHARED_SECRET", "a secret of the tests".to_owned()),
            ("WA_BAILEYS_PORT", port.to_string()),
        ];
        let settings = Settings::read(&variables.into_iter().collect()).expect("sound");
        let mut report = Report { broken: false };
        check(&simulator::http_client().expect("a client"), &settings, &mut report)
            .await
            .expect("printed");
        assert!(report.broken);
    }
}
