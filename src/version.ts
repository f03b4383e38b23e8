/** The version of this package, as its package.json says: a page has no file system to look it up in. */
export const version = "0.1.0";
