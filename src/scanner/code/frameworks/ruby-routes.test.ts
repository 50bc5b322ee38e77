import { expect, test } from 'vitest'
import { loadGrammars } from '../parse/grammars.ts'
import { createProgram } from '../project/program.ts'
import { parsingTree } from '../project/source-tree.ts'
import type { DiscoveredSurface } from '../surface.ts'
import { discoverRubyRoutes } from './ruby-routes.ts'

const grammars = await loadGrammars(new Set(['ruby']))

function discover(files: Readonly<Record<string, string>>): readonly DiscoveredSurface[] {
  const tree = parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
  )
  const modules = Object.keys(files).flatMap((file) => tree.module(file) ?? [])
  const project = { program: createProgram(tree), modules }
  return modules.flatMap((module) => discoverRubyRoutes(module, project))
}

/** `POST /x A#b`, each as drawn. */
function drawn(routes: string): readonly string[] {
  const actions = 'def create; end; def index; end; def receive; end; def sync; end; def show; end'
  const controller = (name: string): string => `class ${name} < ApplicationController; ${actions}; end`
  return discover({
    'config/routes.rb': `Rails.application.routes.draw do\n${routes}\nend`,
    'app/controllers/hooks_controller.rb': controller('HooksController'),
    'app/controllers/api/v1/hooks_controller.rb': controller('Api::V1::HooksController'),
  }).map(({ methods, path, name }) => `${methods.join('|')} ${path} ${name}`)
}

test.each([
  ['post "/x", to: "hooks#receive"', ['POST /x HooksController#receive']],
  ['post "x" => "hooks#receive"', ['POST /x HooksController#receive']],
  ['post "hooks/receive"', ['POST /hooks/receive HooksController#receive']],
  ['match "/x", to: "hooks#receive", via: [:get, :post]', ['GET|POST /x HooksController#receive']],
  [
    'namespace :api do namespace :v1 do post :in, to: "hooks#create" end end',
    ['POST /api/v1/in Api::V1::HooksController#create'],
  ],
  ['scope "/in", module: "api/v1" do post "x", to: "hooks#create" end', ['POST /in/x Api::V1::HooksController#create']],
  ['resources :hooks, only: :create', ['POST /hooks HooksController#create']],
  ['resource :hook, only: [:create]', ['POST /hook HooksController#create']],
  ['resources :hooks, only: [] do post :sync, on: :member end', ['POST /hooks/:id/sync HooksController#sync']],
  [
    'resources :hooks, only: [] do collection do post :receive end end',
    ['POST /hooks/receive HooksController#receive'],
  ],
  [
    'concern :c do post :sync end\nresources :hooks, only: [], concerns: :c',
    ['POST /hooks/:hook_id/sync HooksController#sync'],
  ],
  ['post "/nowhere", to: "missing#x"', []],
])('%s', (routes, expected) => {
  expect(drawn(routes)).toEqual(expected)
})

test('filters run from the furthest base down, those skipped or for other actions left out', () => {
  const [surface] = discover({
    'config/routes.rb': 'Rails.application.routes.draw do\npost "/x", to: "hooks#create"\nend',
    'app/controllers/application_controller.rb': `class ApplicationController
  before_action :login
  before_action :locale
end`,
    'app/controllers/concerns/signed.rb': `module Signed
  extend ActiveSupport::Concern
  included do
    before_action :verify
  end
  def verify; end
end`,
    'app/controllers/hooks_controller.rb': `class HooksController < ApplicationController
  include Signed
  skip_before_action :login
  before_action :other, only: :index
  before_action :elsewhere, except: %i[index]
  def create; end
  def other; end
end`,
  })
  expect(surface?.chain.map(({ role, run }) => `${role} ${run.fn?.name}`)).toEqual([
    'middleware verify',
    'handler create',
  ])
  expect(surface?.guards.map(({ name }) => name)).toEqual(['locale', 'elsewhere'])
})

test('Sinatra: before filters whose pattern covers the route, helpers and namespaces', () => {
  const surfaces = discover({
    'app.rb': `require "sinatra/base"
class Hooks < Sinatra::Base
  helpers do
    def verify; end
  end
  before "/in/*" do verify end
  before "/admin/*" do halt 401 end
  post "/in/:source" do "ok" end
end`,
    'classic.rb': `require "sinatra"
post "/x" do 200 end`,
  })
  expect(surfaces.map(({ path, chain }) => `${path} ${chain.map(({ role }) => role).join()}`)).toEqual([
    '/in/:source middleware,handler',
    '/x handler',
  ])
  expect(surfaces[0]?.chain.at(-1)?.run.cls?.methods.map(({ name }) => name)).toEqual(['verify'])
})

test('a channel is a socket with its actions as messages', () => {
  const [surface] = discover({
    'app/channels/chat_channel.rb': `class ChatChannel < ApplicationCable::Channel
  def subscribed; stream_from "chat"; end
  def speak(data); end
end`,
  })
  expect(surface).toMatchObject({ kind: 'socket', socket: { origin: 'checked' } })
  expect(surface?.chain.map(({ role, event }) => [role, event])).toEqual([
    ['connection', undefined],
    ['message', 'speak'],
  ])
})
