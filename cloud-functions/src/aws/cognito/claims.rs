//! What an access token of a pool says, and whom that makes its bearer.

use domain::access::{Principal, Role};
use domain::ids::{AssociateId, StoreId};
use serde::Deserialize;

/// The group of a store's people begins so; its id follows.
const STORE: &str = "store:";

/// The claims of Cognito's access tokens that are looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) client_id: String,
    pub(super) token_use: String,
    pub(super) exp: i64,
    pub(super) iat: i64,
    username: String,
    #[serde(rename = "cognito:groups", default)]
    groups: Vec<String>,
}

/// Whom the claims describe: the role is the one of the groups `associate` and `manager`, the store the one of a group
/// `store:<id>`, the associate the user's name. Access tokens carry no attributes, hence the group for the store. Whoever
/// has both roles is a manager; two stores, or none, are nobody.
pub(super) fn principal(claims: Claims) -> Result<Principal, &'static str> {
    let is_in = |name: &str| claims.groups.iter().any(|group| group == name);
    let role = match (is_in("manager"), is_in("associate")) {
        (true, _) => Role::Manager,
        (false, true) => Role::Associate,
        (false, false) => return Err("no group that is a role"),
    };
    let mut stores = claims
        .groups
        .iter()
        .filter_map(|group| group.strip_prefix(STORE));
    let (Some(store), None) = (stores.next(), stores.next()) else {
        return Err("not one store");
    };
    let store = StoreId::parse(store.to_owned()).map_err(|_| "a bad store")?;
    let associate = AssociateId::parse(claims.username).map_err(|_| "a bad username")?;
    Ok(Principal {
        role,
        permissions: role.permissions().to_vec(),
        store: Some(store),
        device: None,
        associate: Some(associate),
        customer: None,
    })
}
