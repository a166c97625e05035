//! Looking for a message of which no answer came. Twilio keeps no id of ours, so that it is known by whom it went to,
//! when, and what it said.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    Fault,
    whatsapp::{Found, Sought, Status},
};
use reqwest::Method;

use super::{TwilioWhatsApp, wire};
use crate::{
    client::{self, Effect},
    limits,
};

impl TwilioWhatsApp {
    pub(super) async fn look_for(&self, message: &Sought) -> Result<Found, Fault> {
        let Ok(to) = wire::address(&message.to) else {
            return Ok(Found::Nowhere);
        };
        let day = (message.sent_at - TimeDelta::days(1)).format("%Y-%m-%d").to_string();
        // By date, as messages that went out are listed; then without, for one that still waits to go out has none.
        for since in [Some(day), None] {
            let page = self.list(&to, since.as_deref()).await?;
            match among(&page, message, self.settings.from.as_ref().map(wire::channel)) {
                Found::Nowhere => {}
                found => return Ok(found),
            }
        }
        let settled = delta(limits::WHATSAPP_SETTLED);
        Ok(if self.clock.now() - message.sent_at < settled {
            Found::Unclear
        } else {
            Found::Nowhere
        })
    }

    async fn list(&self, to: &str, since: Option<&str>) -> Result<wire::Page, Fault> {
        let mut url = self.resource()?;
        url.query_pairs_mut()
            .append_pair("To", to)
            .append_pair("PageSize", &limits::TWILIO_LIST.to_string());
        if let Some(day) = since {
            url.query_pairs_mut().append_pair("DateSent>", day);
        }
        client::with_retries(limits::RETRIES, || async {
            let request = self.signed_in(self.http.configured(Method::GET, url.clone()));
            client::json(client::send(request, Effect::Read).await?).await
        })
        .await
    }
}

/// One that fits is it. When several fit, or the list ends before the time in question, nobody can say.
fn among(page: &wire::Page, sought: &Sought, own_from: Option<String>) -> Found {
    let from = sought.from.as_ref().map(wire::channel).or(own_from);
    let mut fitting = page.messages.iter().filter(|seen| fits(seen, sought, from.as_deref()));
    match (fitting.next(), fitting.next()) {
        (Some(seen), None) => Found::There {
            carrier_id: seen.sid.clone(),
            status: seen.status.as_deref().and_then(wire::status).unwrap_or(Status::Sending),
        },
        (None, _) if reaches(page, sought.sent_at) => Found::Nowhere,
        _ => Found::Unclear,
    }
}

fn fits(seen: &wire::Message, sought: &Sought, from: Option<&str>) -> bool {
    let outward = seen
        .direction
        .as_deref()
        .is_some_and(|word| word.starts_with("outbound"));
    let same_from = match (from, seen.from.as_deref()) {
        (Some(from), Some(seen)) => from == seen,
        _ => true,
    };
    let same_text = sought
        .text
        .as_deref()
        .is_none_or(|text| seen.body.as_deref().unwrap_or_default().trim() == text.trim());
    // A time that cannot be read may be the right one.
    let same_time = seen.created_at().is_none_or(|at| {
        let skew = delta(limits::WHATSAPP_CLOCK_SKEW);
        at >= sought.sent_at - skew && at <= sought.sent_at + skew + delta(limits::WHATSAPP_SEND)
    });
    outward && same_from && same_text && same_time
}

/// Whether the list goes back to before that time: it is the last page, or its oldest message is older.
fn reaches(page: &wire::Page, at: DateTime<Utc>) -> bool {
    let before = at - delta(limits::WHATSAPP_CLOCK_SKEW);
    page.next_page_uri.as_deref().is_none_or(str::is_empty)
        || page
            .messages
            .iter()
            .filter_map(wire::Message::created_at)
            .any(|created| created < before)
}

fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
