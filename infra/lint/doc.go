// Package lint compares the template with the code: each role with what its function calls, the
// table with what the store writes, the queues with the time-outs of their functions.
package lint
