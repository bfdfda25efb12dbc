// Command nothing is a function that does nothing. Package bench measures it to see what
// aws-lambda-go costs by itself.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() {}) }
