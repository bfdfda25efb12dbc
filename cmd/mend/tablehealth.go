package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.org/mend/shared/store/dynamo"
)

// guards are what keeps the records of a table: a table that comes back from a backup has none of
// them.
type guards struct{ ttl, backups, protected bool }

func (s *stack) guardsOf(ctx context.Context, table string) (guards, error) {
	var g guards
	described, err := s.table.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	var none *types.ResourceNotFoundException
	if errors.As(err, &none) {
		return g, fmt.Errorf("there is no table %s in %s", table, s.cfg.Region)
	}
	if err != nil {
		return g, fmt.Errorf("look at the table %s: %w", table, err)
	}
	g.protected = aws.ToBool(described.Table.DeletionProtectionEnabled)
	ttl, err := s.table.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &table})
	if err != nil {
		return g, fmt.Errorf("look at the time to live of the table %s: %w", table, err)
	}
	if d := ttl.TimeToLiveDescription; d != nil {
		g.ttl = d.TimeToLiveStatus == types.TimeToLiveStatusEnabled ||
			d.TimeToLiveStatus == types.TimeToLiveStatusEnabling
	}
	backups, err := s.table.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		return g, fmt.Errorf("look at the backups of the table %s: %w", table, err)
	}
	if d := backups.ContinuousBackupsDescription; d != nil && d.PointInTimeRecoveryDescription != nil {
		g.backups = d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == types.PointInTimeRecoveryStatusEnabled
	}
	return g, nil
}

// tableHealth is the check of the table in use.
func (s *stack) tableHealth(ctx context.Context) (string, error) {
	table := s.outputs["Table"]
	g, err := s.guardsOf(ctx, table)
	if err != nil {
		return "", err
	}
	var lacks []string
	for _, guard := range []struct {
		name  string
		there bool
	}{{"time to live", g.ttl}, {"point-in-time recovery", g.backups}, {"deletion protection", g.protected}} {
		if !guard.there {
			lacks = append(lacks, guard.name)
		}
	}
	if len(lacks) > 0 {
		return "", fmt.Errorf("%s lacks %s: turn it on in the DynamoDB console", table, strings.Join(lacks, ", "))
	}
	return table + " forgets what is over, is backed up and protected", nil
}

// guard switches on what a restored table lacks.
func (s *stack) guard(ctx context.Context, table string) error {
	g, err := s.guardsOf(ctx, table)
	if err != nil {
		return err
	}
	if !g.ttl {
		if _, err := s.table.UpdateTimeToLive(ctx, dynamo.TimeToLive(table)); err != nil {
			return fmt.Errorf("turn on time to live for the table %s: %w", table, err)
		}
	}
	if !g.backups {
		if _, err := s.table.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: &table,
			PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{
				PointInTimeRecoveryEnabled: aws.Bool(true),
			},
		}); err != nil {
			return fmt.Errorf("turn on backups of the table %s: %w", table, err)
		}
	}
	if !g.protected {
		if _, err := s.table.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: &table,
			DeletionProtectionEnabled: aws.Bool(true)}); err != nil {
			return fmt.Errorf("protect the table %s: %w", table, err)
		}
	}
	return nil
}
