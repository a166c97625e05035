//! The kinds of notifications, each with how it reaches who has not chosen otherwise.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The ways to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ways {
    /// The list of notifications and open pages.
    pub screen: bool,
    /// Web push to the devices that this person registered.
    pub push: bool,
    pub email: bool,
    pub whatsapp: bool,
}

const SCREEN: Ways = Ways {
    screen: true,
    push: false,
    email: false,
    whatsapp: false,
};
const SCREEN_AND_PUSH: Ways = Ways { push: true, ..SCREEN };

macro_rules! kinds {
    ($($variant:ident = $name:literal, $ways:expr;)*) => {
        /// What a notification is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($variant),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// How it reaches who has not chosen.
            pub const fn usual(self) -> Ways {
                match self { $(Self::$variant => $ways),* }
            }
        }
    };
}

kinds! {
    TaskDue              = "task_due",              SCREEN_AND_PUSH;
    Message              = "message",               SCREEN_AND_PUSH;
    MissedCall           = "missed_call",           SCREEN_AND_PUSH;
    Handover             = "handover",              SCREEN_AND_PUSH;
    Mention              = "mention",               SCREEN_AND_PUSH;
    ContractSigned       = "contract_signed",       SCREEN_AND_PUSH;
    InvoicePaid          = "invoice_paid",          SCREEN_AND_PUSH;
    PaymentHeld          = "payment_held",          SCREEN_AND_PUSH;
    JobGivenUp           = "job_given_up",          SCREEN;
    LineDown             = "line_down",             SCREEN_AND_PUSH;
    WhatsappDisconnected = "whatsapp_disconnected", SCREEN_AND_PUSH;
    EngineFailing        = "engine_failing",        SCREEN_AND_PUSH;
    BalanceLow           = "balance_low",           SCREEN_AND_PUSH;
    DailyDigest          = "daily_digest",          SCREEN_AND_PUSH;
    Test                 = "test",                  SCREEN_AND_PUSH;
}

impl Kind {
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// A person asked for it and waits for it: it goes out whatever else holds messages back.
    pub const fn is_asked_for(self) -> bool {
        matches!(self, Self::Test)
    }
}
