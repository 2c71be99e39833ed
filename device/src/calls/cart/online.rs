//! What the calls share that ask the cloud: everything that was done here is there first, and what it answers is shown
//! though the feed is behind.

use super::page::{page, refused};
use crate::carts::ANSWER_SECONDS;
use crate::cloud::CloudError;
use crate::device::Device;
use crate::refusal::{not_found, of_cloud, of_replica, refuse};
use domain::api::cart::CartView;
use domain::api::device::{Aged, CartPage, Refusal, RefusalCode, Source};
use domain::cart::{Cart, LeaseRefusal, Refusal as CartRefusal};
use domain::ids::CartId;
use std::time::Duration;

/// How long somebody in front of a screen waits until what she did has been sent.
const SENT_WITHIN: Duration = Duration::from_secs(5);
/// The status of too many tries.
const TOO_MANY: u16 = 429;

impl Device {
    /// Waits until the cloud has decided on everything that was done to a cart here.
    pub(super) async fn until_sent(&self, cart: &CartId, what: &str) -> Result<(), Refusal> {
        let late = || {
            let why = format!("{what} needs the network, and what was done here is not sent yet");
            refuse(RefusalCode::Offline, why)
        };
        let mut listener = self.listen();
        let sent = async {
            loop {
                let of = cart.clone();
                let unsent = self
                    .replica(move |replica| replica.unsent_of_cart(&of))
                    .await;
                if unsent.map_err(of_replica)? == 0 {
                    return Ok(());
                }
                if !self.shared().contact.read().sync.online {
                    return Err(late());
                }
                // The driver tells when a push was answered, and when the cloud has gone.
                if listener.next().await.is_none() {
                    return Err(late());
                }
            }
        };
        match tokio::time::timeout(SENT_WITHIN, sent).await {
            Ok(sent) => sent,
            Err(_) => Err(late()),
        }
    }

    /// The cloud answered with a cart: it is shown until the feed shows it, and whoever shows it asks again then.
    pub(super) fn remember(&self, cart: &Cart) {
        let shared = self.shared();
        shared.answered(cart);
        let id = cart.opening.id.clone();
        shared.signals.cart(id.clone());
        let device = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(ANSWER_SECONDS.into())).await;
            let shared = device.shared();
            shared.carts.drop_answer(&id);
            shared.signals.cart(id);
        });
    }

    /// The page of a cart that the cloud answered with.
    pub(super) async fn page_of(&self, view: CartView) -> Result<Aged<CartPage>, Refusal> {
        self.remember(&view.cart);
        self.blocking(move |shared| {
            let id = view.cart.opening.id.clone();
            let shown = shared.find_cart(&id)?;
            let same = shown.cart.version == view.cart.version;
            let told = view.totals.filter(|_| same);
            Ok(Aged {
                value: page(shared, shown, told)?,
                as_of: Some(shared.now()),
                source: Source::Online,
            })
        })
        .await
    }

    /// Takes the lease of a cart where it is free, or holds it for longer. Inside, who holds it instead.
    pub(super) async fn hold(
        &self,
        cart: &CartId,
        what: &str,
    ) -> Result<Result<CartView, (CartRefusal, CartView)>, Refusal> {
        let cloud = &self.shared().cloud;
        let offline = |error: CloudError| of_cart(&error, what);
        match cloud.claim_lease(cart).await {
            Err(error) if error.slug() == Some("cart-held") => {
                let view = cloud.read_cart(cart).await.map_err(offline)?;
                Ok(Err((held_by(&view.cart), view)))
            }
            answer => answer.map(Ok).map_err(offline),
        }
    }
}

/// Who holds a cart that this device could not take.
fn held_by(cart: &Cart) -> CartRefusal {
    let refusal = match &cart.lease.hold {
        Some(hold) => LeaseRefusal::Held {
            channel: hold.channel,
            until: hold.expires_at,
        },
        None => LeaseRefusal::StaleFence {
            fence: cart.lease.fence,
        },
    };
    CartRefusal::Lease { refusal }
}

/// The cloud did not do it: its rules, in its words, or the network.
pub(super) fn of_cart(error: &CloudError, what: &str) -> Refusal {
    match error {
        CloudError::Refused(problem) => {
            let words = problem.detail.as_deref().unwrap_or(&problem.title);
            match (problem.status, error.slug()) {
                (404, Some("code-unknown")) | (409 | 410, _) => refused(words),
                (404, _) => not_found("cart"),
                _ => of_cloud(error, what),
            }
        }
        CloudError::Unavailable { status, title, .. } if *status == TOO_MANY => refused(title),
        _ => of_cloud(error, what),
    }
}
