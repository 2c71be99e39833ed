//! A department's name on a screen.

use domain::ids::DepartmentId;

/// Makes a name of the slug: `home-office` is `Home office`.
#[must_use]
pub fn name(department: &DepartmentId) -> String {
    let words = department.as_str().replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_read_as_a_name() {
        let name = |slug: &str| name(&DepartmentId::parse(slug).unwrap());
        assert_eq!(name("home-office"), "Home office");
        assert_eq!(name("été_1"), "Été 1");
        assert_eq!(name("-"), "");
    }
}
