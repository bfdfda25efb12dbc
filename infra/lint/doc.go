// Package lint holds the template to the code: each role to what its function calls, the table to what the
// store writes, the queues to the time-outs of those who work through them.
package lint
