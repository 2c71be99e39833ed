//! Which feeds a device may hold.

use domain::api::identity::DeviceKind;
use domain::api::sync::{CATALOGUE_SHARDS, Scope};
use domain::ids::StoreId;

/// The feeds that a device of a store may hold. A kiosk, where strangers stand, never holds customers, carts or the team.
#[must_use]
pub fn granted(kind: DeviceKind, store: &StoreId) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = (0..CATALOGUE_SHARDS).map(Scope::catalogue).collect();
    scopes.push(Scope::prices());
    scopes.push(Scope::inventory(store));
    if kind == DeviceKind::Tablet {
        scopes.push(Scope::team(store));
        scopes.push(Scope::customers(store));
        scopes.push(Scope::carts(store));
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kiosk_never_holds_people() {
        let store = StoreId::parse("7").unwrap();
        let kiosk = granted(DeviceKind::Kiosk, &store);
        assert!(!kiosk.contains(&Scope::customers(&store)));
        assert!(!kiosk.contains(&Scope::team(&store)));
        assert!(!kiosk.contains(&Scope::carts(&store)));
        assert_eq!(kiosk.len(), usize::from(CATALOGUE_SHARDS) + 2);
    }

    #[test]
    fn a_tablet_holds_its_own_store_alone() {
        let scopes = granted(DeviceKind::Tablet, &StoreId::parse("7").unwrap());
        assert_eq!(scopes.len(), usize::from(CATALOGUE_SHARDS) + 5);
        let foreign = scopes
            .iter()
            .filter(|scope| scope.as_str().starts_with("store/"))
            .find(|scope| !scope.as_str().starts_with("store/7/"));
        assert_eq!(foreign, None);
    }
}
