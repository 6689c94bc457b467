import type { Command } from '@cairn/kernel';

export type CreateWorkspace = Command<'CreateWorkspace', { readonly name: string; readonly description: string }>;
export type DescribeWorkspace = Command<'DescribeWorkspace', { readonly description: string }>;
export type DeleteWorkspace = Command<'DeleteWorkspace', Record<never, never>>;

export type WorkspaceCommand = CreateWorkspace | DescribeWorkspace | DeleteWorkspace;
