import { Readable } from 'node:stream'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { SdkCalls } from '@mcpclient/testkit'
import * as sdk from 'asana'
import { describe, expect, it } from 'vitest'
import { asana } from '../src/index.ts'

const token = '1/recorded'

/** Returns the SDK, sending its requests to a server on loopback. */
function vendor(url: string): sdk.ApiClient {
  const client = new sdk.ApiClient()
  client.basePath = `${url}/api/1.0`
  client.RETURN_COLLECTION = false
  Object.assign(client.authentications['token'] ?? {}, { accessToken: token })
  return client
}

/** The input of a fixture, as far as the calls below take it apart. */
interface Input extends Readonly<Record<string, unknown>> {
  readonly task_gid: string
  readonly project_gid: string
  readonly section_gid: string
  readonly workspace_gid: string
  readonly user_gid?: string
  readonly resource: string
  readonly sync?: string
  readonly resource_type: string
  readonly name: string
  readonly parent: string
  readonly text?: string
  readonly content_base64?: string
}

/** The defaults of the tools, which the SDK does not have. */
const page = { limit: 50 }
/** Returns a file as the SDK takes it, whatever its types say: a stream whose path is its name. That decides the media type. */
const file = (bytes: Buffer, path: string) => Object.assign(Readable.from([bytes]), { path }) as never
/** Returns whether a parameter is a fault of the SDK, which adds the body of some requests to their query. */
const isFault = (parameter: string) => parameter === 'body=[object Object]'

/** Sends the same request with the SDK. */
const calls: SdkCalls<sdk.ApiClient, Input & { readonly opt_fields: string }> = {
  create_task: (client, { opt_fields, ...data }) => new sdk.TasksApi(client).createTask({ data }, { opt_fields }),
  get_task: (client, { task_gid, opt_fields }) => new sdk.TasksApi(client).getTask(task_gid, { opt_fields }),
  list_tasks: (client, filter) => new sdk.TasksApi(client).getTasks({ ...page, ...filter }),
  update_task: (client, { task_gid, opt_fields, ...data }) =>
    new sdk.TasksApi(client).updateTask({ data }, task_gid, { opt_fields }),
  complete_task: (client, { task_gid, opt_fields }) =>
    new sdk.TasksApi(client).updateTask({ data: { completed: true } }, task_gid, { opt_fields }),
  delete_task: (client, { task_gid }) => new sdk.TasksApi(client).deleteTask(task_gid),
  list_subtasks: (client, { task_gid, ...filter }) =>
    new sdk.TasksApi(client).getSubtasksForTask(task_gid, { ...page, ...filter }),
  create_subtask: (client, { task_gid, opt_fields, ...data }) =>
    new sdk.TasksApi(client).createSubtaskForTask({ data }, task_gid, { opt_fields }),
  set_task_parent: (client, { task_gid, opt_fields, ...data }) =>
    new sdk.TasksApi(client).setParentForTask({ data }, task_gid, { opt_fields }),
  add_task_to_project: (client, { task_gid, ...data }) =>
    new sdk.TasksApi(client).addProjectForTask({ data }, task_gid),
  remove_task_from_project: (client, { task_gid, ...data }) =>
    new sdk.TasksApi(client).removeProjectForTask({ data }, task_gid),
  list_projects: (client, filter) => new sdk.ProjectsApi(client).getProjects({ ...page, ...filter }),
  get_project: (client, { project_gid, opt_fields }) =>
    new sdk.ProjectsApi(client).getProject(project_gid, { opt_fields }),
  create_project: (client, { opt_fields, ...data }) =>
    new sdk.ProjectsApi(client).createProject({ data }, { opt_fields }),
  list_sections: (client, { project_gid, ...filter }) =>
    new sdk.SectionsApi(client).getSectionsForProject(project_gid, { ...page, ...filter }),
  create_section: (client, { project_gid, opt_fields, ...data }) =>
    new sdk.SectionsApi(client).createSectionForProject(project_gid, { body: { data }, opt_fields }),
  add_task_to_section: (client, { section_gid, ...data }) =>
    new sdk.SectionsApi(client).addTaskForSection(section_gid, { body: { data } }),
  list_project_custom_fields: (client, { project_gid, ...filter }) =>
    new sdk.CustomFieldSettingsApi(client).getCustomFieldSettingsForProject(project_gid, { ...page, ...filter }),
  list_stories: (client, { task_gid, ...filter }) =>
    new sdk.StoriesApi(client).getStoriesForTask(task_gid, { ...page, ...filter }),
  add_comment: (client, { task_gid, opt_fields, ...data }) =>
    new sdk.StoriesApi(client).createStoryForTask({ data }, task_gid, { opt_fields }),
  list_attachments: (client, { parent, ...filter }) =>
    new sdk.AttachmentsApi(client).getAttachmentsForObject(parent, { ...page, ...filter }),
  upload_attachment: (client, { parent, name, text, content_base64 = '', opt_fields }) => {
    const bytes = text === undefined ? Buffer.from(content_base64, 'base64') : Buffer.from(text)
    return new sdk.AttachmentsApi(client).createAttachmentForObject({
      parent,
      file: file(bytes, encodeURIComponent(name)),
      opt_fields,
    })
  },
  attach_link: (client, input) =>
    new sdk.AttachmentsApi(client).createAttachmentForObject({ resource_subtype: 'external', ...input }),
  list_workspaces: (client, filter) => new sdk.WorkspacesApi(client).getWorkspaces({ ...page, ...filter }),
  list_users: (client, filter) => new sdk.UsersApi(client).getUsers({ ...page, ...filter }),
  get_user: (client, { user_gid = 'me', opt_fields }) => new sdk.UsersApi(client).getUser(user_gid, { opt_fields }),
  list_workspace_custom_fields: (client, { workspace_gid, ...filter }) =>
    new sdk.CustomFieldsApi(client).getCustomFieldsForWorkspace(workspace_gid, { ...page, ...filter }),
  search_typeahead: (client, { workspace_gid, resource_type, ...filter }) =>
    new sdk.TypeaheadApi(client).typeaheadForWorkspace(workspace_gid, resource_type, { count: 20, ...filter }),
  // The SDK throws the response without a valid token.
  get_events: async (client, { resource, sync }) =>
    new sdk.EventsApi(client).getEvents(resource, sync === undefined ? {} : { sync }).catch(() => undefined),
}

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Asana's own SDK", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
    expect(Object.keys(calls).toSorted()).toEqual(Object.keys(asana.tools).toSorted())
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { opt_fields } = (fixture.requests[0]?.['query'] ?? {}) as { readonly opt_fields: string }
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => asana({ token, baseUrl: `${url}/api/1.0/` }),
      sdk: ({ url }) => calls[fixture.tool]?.(vendor(url), { ...fixture.input, opt_fields }),
    })
    const sent = theirs.map((request) => ({ ...request, query: request.query.filter((each) => !isFault(each)) }))
    expect(ours.slice(0, 1)).toEqual(sent)
  })
})
