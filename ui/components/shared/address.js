// Addresses on the server that the page came from.

/**
 * A route of this server, in the page's own folder, so that a path prefix is kept.
 * @param {string} route
 * @returns {string}
 */
export function addressOf(route) {
  return location.pathname.replace(/\/[^/]*$/, "") + route;
}
