//! Settings of which there may be several.

use std::str::FromStr;

/// Values with commas between them; a blank is none, so that a setting can stand in a file and be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T>(pub Vec<T>);

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: FromStr> FromStr for Listed<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        let given = text.split(',').map(str::trim).filter(|one| !one.is_empty());
        Ok(Self(given.map(T::from_str).collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_none() {
        let read = |text: &str| text.parse::<Listed<u8>>().map(|listed| listed.0);
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(read(" 1, 2,"), Ok(vec![1, 2]));
        assert!(read("1,x").is_err());
    }
}
