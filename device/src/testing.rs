//! What the tests of this crate stand on.

use argon2::password_hash::{PasswordHasher as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::item::Item;
use recommend::ModelBuilder;

/// A PIN's hash with little work, for tests.
pub(crate) fn pin_hash(pin: &str) -> String {
    let params = Params::new(64, 1, 1, None).unwrap();
    let salt = SaltString::encode_b64(b"a salt for tests").unwrap();
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon
        .hash_password(pin.as_bytes(), &salt)
        .unwrap()
        .to_string()
}

/// A model in which boots lead to socks and wax, compressed as the cloud sends it.
pub(crate) fn packed_model() -> Vec<u8> {
    let item = |sku: &&str| -> Item {
        let body = serde_json::json!({"sku": sku, "title": sku, "department": "outdoor"});
        serde_json::from_value(body).unwrap()
    };
    let items: Vec<Item> = ["boots", "socks", "wax", "tent"].iter().map(item).collect();
    let mut builder = ModelBuilder::new(&items);
    let at = "2026-05-01T10:00:00Z".parse().unwrap();
    let skus: Vec<_> = items.iter().map(|item| item.sku.clone()).collect();
    for _ in 0..5 {
        builder.add_session(at, &skus[..3]);
        builder.add_basket(at, None, &skus[..2]);
    }
    builder.add_session(at, &skus[3..]);
    zstd::encode_all(builder.build().to_snapshot().as_slice(), 3).unwrap()
}
