// Package rehearsal tests against fakecloud, a stricter emulator of AWS than ministack: it checks
// signatures, has SES's sandbox, executes receipt rules, and refuses what DynamoDB refuses. `make
// rehearsal` builds it first, which takes half an hour; so the package has a build tag of its own,
// and is no part of `make test`.
package rehearsal
