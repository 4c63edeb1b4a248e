/**
 * jest runs the compiled tests: worker threads load modules past jest's transforms, so only what tsc wrote runs
 * the same everywhere. Needs NODE_OPTIONS=--experimental-vm-modules, because the modules are ESM.
 */
export default {
  roots: ['<rootDir>/dist/test'],
  testMatch: ['<rootDir>/dist/test/**/*.test.js'],
  transform: {},
  testEnvironment: 'node',
  testTimeout: 60_000,
  maxWorkers: 2,
  reporters: ['default', '<rootDir>/dist/test/support/summary-reporter.js'],
};
