//! `POST /v1/shopper/codes`: a code for whoever has an e-mail address or a telephone. The answer is the same where nobody
//! has.

use super::ShopperError;
use crate::feed::PublishError;
use crate::functions::identity::attempts::{self, Patience, Try};
use crate::functions::identity::secrets;
use crate::http::{Caller, Json};
use crate::people;
use crate::ports::ledger::{Condition, Key};
use crate::ports::letters::Letter;
use crate::services::Services;
use crate::table::{self, TableError};
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::Principal;
use domain::api::content::Identify;
use domain::api::shopper::{CodeSent, SendCode};
use domain::contact::{Phone, fold_email};
use domain::ids::{CustomerId, DeviceId};
use domain::problem::Problem;
use domain::store::Store;
use serde::{Deserialize, Serialize};

/// How long a code is good, in seconds.
pub(super) const CODE_SECONDS: u32 = 10 * 60;
/// How many codes there are.
const CODES: u64 = 1_000_000;
/// The longest contact, in bytes.
const MAX_CONTACT: usize = 254;
/// Codes that somebody is sent, and that a browser asks for: three, then one after ever longer waits.
const PATIENCE: Patience = Patience {
    free: 3,
    first_wait: TimeDelta::seconds(30),
    longest_wait: TimeDelta::minutes(30),
    memory: TimeDelta::hours(2),
};

/// A code that was asked for, `N#s#<SHA-256 of the challenge>` / `V`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Asked {
    /// By which browser.
    pub(super) device: DeviceId,
    /// Whose contact it was; `None` where it was nobody's: no code is right.
    pub(super) customer: Option<CustomerId>,
    /// SHA-256 of challenge and code, hex: without the challenge a million codes cannot be tried.
    pub(super) code_hash: String,
    /// Until before when.
    pub(super) expires_at: DateTime<Utc>,
    /// Tries so far.
    pub(super) tries: u32,
    /// Whether it was used.
    pub(super) used: bool,
}

pub(super) fn asked_key(challenge: &str) -> Key {
    Key::new(format!("N#s#{}", secrets::fingerprint(challenge)), "V")
}

pub(super) fn code_hash(challenge: &str, code: &str) -> String {
    secrets::fingerprint(&format!("{challenge}/{code}"))
}

/// A way to reach somebody, as it is looked up.
enum Contact {
    Email(String),
    Phone(Phone),
}

impl Contact {
    fn read(text: &str, store: &Store) -> Option<Self> {
        if text.len() > MAX_CONTACT {
            return None;
        }
        if let Some(email) = fold_email(text) {
            return Some(Self::Email(email));
        }
        let country = Some(store.country_code.as_str()).filter(|code| !code.is_empty());
        let phone = Phone::new(text, country);
        (phone.digits().len() >= 5).then_some(Self::Phone(phone))
    }

    /// The same for all spellings.
    fn name(&self) -> String {
        match self {
            Self::Email(email) => email.clone(),
            Self::Phone(phone) => phone.digits(),
        }
    }
}

#[derive(Deserialize)]
struct Found {
    id: CustomerId,
}

async fn find(
    services: &Services,
    contact: &Contact,
    store: &Store,
) -> Result<Option<CustomerId>, TableError> {
    let ledger = &*services.ledger;
    match contact {
        Contact::Email(email) => {
            let key = Key::new(format!("L#email#{email}"), "V");
            let found = table::lookup::<Found>(ledger, &key).await?;
            Ok(found.map(|row| row.value.id))
        }
        Contact::Phone(phone) => {
            let identify = Identify::Phone(phone.raw.clone());
            people::find(ledger, &identify, store).await.map_err(table)
        }
    }
}

fn table(error: PublishError) -> TableError {
    match error {
        PublishError::Ledger(error) => TableError::Ledger(error),
        error => TableError::Corrupt {
            key: "a look-up".to_owned(),
            reason: error.to_string(),
        },
    }
}

/// Counts a code, for the browser and for the contact, whether somebody has it or not.
async fn count(services: &Services, device: &DeviceId, contact: &str) -> Result<(), ShopperError> {
    let by_contact = format!("N#sc#{}", secrets::fingerprint(contact));
    let keys = [
        Key::new(format!("D#{device}"), "CODES"),
        Key::new(by_contact, "V"),
    ];
    let now = services.clock.now();
    for key in keys {
        if let Try::Wait(seconds) = attempts::count(&*services.ledger, &key, now, &PATIENCE).await?
        {
            return Err(ShopperError::Wait(seconds));
        }
    }
    Ok(())
}

/// Six digits of random bytes: their sum is close enough to even, a millionth in 2^44.
fn draw(random: &[u8; 32]) -> String {
    let number = random
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:06}", number % CODES)
}

async fn send(
    services: &Services,
    caller: &Principal,
    request: &SendCode,
) -> Result<CodeSent, ShopperError> {
    let (Some(device), Some(store)) = (&caller.device, &caller.store) else {
        return Err(ShopperError::Token);
    };
    let store = people::store(&*services.ledger, store)
        .await
        .map_err(table)?
        .ok_or(ShopperError::NoStore)?;
    let contact = Contact::read(request.contact.trim(), &store).ok_or(ShopperError::Contact)?;
    count(services, device, &contact.name()).await?;
    let now = services.clock.now();
    let challenge = secrets::base64url(&services.ids.secret());
    let code = draw(&services.ids.secret());
    let customer = find(services, &contact, &store).await?;
    let asked = Asked {
        device: device.clone(),
        customer: customer.clone(),
        code_hash: code_hash(&challenge, &code),
        expires_at: now + TimeDelta::seconds(CODE_SECONDS.into()),
        tries: 0,
        used: false,
    };
    let write = table::put(asked_key(&challenge), &asked, Condition::Absent)?;
    let written = services.ledger.write(vec![write]).await;
    written.map_err(TableError::from)?;
    if customer.is_some() {
        let letter = Letter {
            to: request.contact.trim().to_owned(),
            text: format!("{code} is your code at {}", store.name),
            at: now,
        };
        if let Err(error) = services.letters.send(&letter).await {
            // She asks again; the answer must not tell that somebody has this contact.
            tracing::error!(%error, "a code was not sent");
        }
    }
    Ok(CodeSent {
        challenge,
        expires_in: CODE_SECONDS,
    })
}

/// Sends a code to sign in with
///
/// The answer is the same where nobody has the contact.
#[utoipa::path(
    post,
    path = "/v1/shopper/codes",
    tag = "shopper",
    request_body = SendCode,
    responses(
        (status = 200, description = "To be shown with the code", body = CodeSent),
        (status = 400, description = "No e-mail address and no telephone number", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too often", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::functions::identity) async fn send_code(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<SendCode>,
) -> Result<Json<CodeSent>, ShopperError> {
    Ok(Json(send(&services, &caller, &request).await?))
}
