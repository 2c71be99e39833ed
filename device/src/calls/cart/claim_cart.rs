//! Takes a cart over: with a code of the cloud, or with a capsule of a device beside this one.

use super::super::access::Caller;
use super::super::json;
use super::begin_cart::works_on;
use super::online::of_cart;
use crate::capsule;
use crate::device::Device;
use crate::refusal::invalid;
use domain::api::cart::ClaimRequest;
use domain::api::device::{ClaimCart, MAX_PROOF_CHARS, Refusal};
use domain::api::identity::DeviceKind;
use domain::cart::{Claimant, Proof, read_code};
use domain::digest::derive;
use serde_json::Value;

const WHAT: &str = "Taking a cart over";
/// What stands before the secret in the address of a QR.
const PATH: &str = "/h/";

impl Device {
    pub(super) async fn claim_cart(
        &self,
        (caller, request): (Caller, ClaimCart),
    ) -> Result<Value, Refusal> {
        let lines: Vec<&str> = request.proof.lines().map(str::trim).collect();
        if lines
            .iter()
            .any(|line| line.chars().count() > MAX_PROOF_CHARS)
        {
            return Err(invalid("proof", "is longer than any code"));
        }
        if lines.iter().any(|line| line.starts_with(capsule::PREFIX)) {
            return self.claim_capsule(caller, request.proof).await;
        }
        let proof = read(request.proof.trim());
        let proof = proof.ok_or_else(|| invalid("proof", "is no code of a cart"))?;
        let view = self.claim_by(proof).await?;
        json(&self.page_of(view).await?)
    }

    async fn claim_by(&self, proof: Proof) -> Result<domain::api::cart::CartView, Refusal> {
        let shared = self.shared();
        let device = shared.joined()?.device.clone();
        let (Proof::Secret { secret: text } | Proof::Code { code: text }) = &proof;
        let claim = ClaimRequest {
            claimant: Claimant {
                // The same in every repeat of this claim, and nobody else's.
                nonce: derive("claim-nonce", &[device.as_str(), text]),
                channel: shared.channel(),
                device,
            },
            proof,
        };
        let answer = shared.cloud.claim_cart(&claim).await;
        let answer = answer.map_err(|error| of_cart(&error, WHAT))?;
        let opening = answer.view.cart.opening.clone();
        if shared.kind() == DeviceKind::Kiosk {
            let base = Some(answer.view.cart.clone());
            shared.carts.begin_guest(opening, base);
        } else {
            let at_work = self.blocking(move |shared| works_on(shared, &opening));
            at_work.await?;
            let skus = answer.view.cart.lines.iter().map(|line| &line.sku);
            shared.allotting.used(skus, shared.now());
        }
        Ok(answer.view)
    }
}

/// A secret, the address of a QR with it, or a code as it was typed.
fn read(text: &str) -> Option<Proof> {
    let bare = text.rsplit_once(PATH).map_or(text, |(_, secret)| secret);
    let secret = bare.split(['?', '#']).next().unwrap_or(bare);
    if secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let secret = secret.to_ascii_lowercase();
        return Some(Proof::Secret { secret });
    }
    read_code(text).map(|code| Proof::Code { code })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_a_secret_an_address_or_a_typed_code() {
        let secret = "0123456789abcdef0123456789ABCDEF".to_owned();
        let lower = Some(Proof::Secret {
            secret: secret.to_ascii_lowercase(),
        });
        assert_eq!(read(&secret), lower);
        assert_eq!(read(&format!("https://shop.example/h/{secret}?x=1")), lower);
        let code = Some(Proof::Code {
            code: "ABCD1234".into(),
        });
        assert_eq!(read("abcd-l234"), code);
        for other in ["", "https://shop.example/", "abcd", "/h/", "ABCD12345"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
