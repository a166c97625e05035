//! Linking a session to a phone.

use async_trait::async_trait;
use contracts::{
    Fault,
    whatsapp::{
        Address,
        link::{Link, Presence, Qr},
    },
};
use kernel::Phone;
use serde_json::json;

use super::{Baileys, wire};
use crate::client;

#[async_trait]
impl Link for Baileys {
    async fn qr(&self) -> Result<Option<Qr>, Fault> {
        let answer: wire::QrAnswer = self.read(&self.resource("qr")?).await?;
        Ok(answer.qr.filter(|text| !text.is_empty()).map(|text| Qr {
            text,
            expires_at: answer.expires_at,
        }))
    }

    async fn pair(&self, phone: &Phone) -> Result<String, Fault> {
        let body = json!({ "phone": phone.as_str() });
        let response = self
            .write(&self.resource("pair")?, Some(&body))
            .await
            .map_err(|fault| match fault {
                Fault::Rejected(message) if message.contains("linked") => Fault::Declined(message),
                fault => fault,
            })?;
        Ok(client::json::<wire::PairAnswer>(response).await?.code)
    }

    async fn logout(&self) -> Result<(), Fault> {
        self.write(&self.resource("logout")?, None).await.map(drop)
    }

    async fn on_whatsapp(&self, phone: &Phone) -> Result<bool, Fault> {
        let mut url = self.resource("on_whatsapp")?;
        url.query_pairs_mut().append_pair("phone", phone.as_str());
        Ok(self.read::<wire::OnWhatsApp>(&url).await?.on_whatsapp)
    }

    async fn presence(&self, to: &Address, presence: Presence) -> Result<(), Fault> {
        let to = wire::address(to).ok_or_else(|| Fault::Rejected("an address of Meta's and Twilio's".to_owned()))?;
        let body = json!({ "to": to, "state": presence.word() });
        self.write(&self.resource("presence")?, Some(&body)).await.map(drop)
    }
}
