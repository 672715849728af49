// Stands where a package was left out that our packages load and never use. See README.md beside this file.
function absent() {
  throw new Error('a package is used that Stackswap leaves out: see tools/absent/README.md');
}

module.exports = new Proxy(absent, {
  get: (_target, name) => (typeof name === 'symbol' || name === '__esModule' ? undefined : absent),
});
